import { endpoints } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const endpointsStrategy = defineStrategy(endpoints)
