import { events } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const eventStrategy = defineStrategy(events)
