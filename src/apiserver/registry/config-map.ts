import { configMaps } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const configMapStrategy = defineStrategy(configMaps)
