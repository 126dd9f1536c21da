import { controllerRevisions } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const controllerRevisionStrategy = defineStrategy(controllerRevisions)
