import { clusterRoleBindings } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const clusterRoleBindingStrategy = defineStrategy(clusterRoleBindings)
