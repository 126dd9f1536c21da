import { secrets } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const secretStrategy = defineStrategy(secrets)
