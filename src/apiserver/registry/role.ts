import { roles } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const roleStrategy = defineStrategy(roles)
