import { roleBindings } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const roleBindingStrategy = defineStrategy(roleBindings)
