import { ingressClasses } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const ingressClassStrategy = defineStrategy(ingressClasses)
