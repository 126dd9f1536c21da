import { limitRanges } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const limitRangeStrategy = defineStrategy(limitRanges)
