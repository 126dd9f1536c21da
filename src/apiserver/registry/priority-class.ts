import { priorityClasses } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const priorityClassStrategy = defineStrategy(priorityClasses)
