import { clusterRoles } from '../../api/scheme.ts'
import { defineStrategy } from './strategy.ts'

export const clusterRoleStrategy = defineStrategy(clusterRoles)
