import { storageClasses } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const storageClassStrategy = defineStrategy(storageClasses)
