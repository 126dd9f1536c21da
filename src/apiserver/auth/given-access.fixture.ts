import type {
  ClusterRole,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from '../../api/generated/types.ts'
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'

const apiVersion = 'rbac.authorization.k8s.io/v1'
const apiGroup = 'rbac.authorization.k8s.io'

export const user = (name: string): Subject => ({ kind: 'User', apiGroup, name })
export const group = (name: string): Subject => ({ kind: 'Group', apiGroup, name })

export function clusterRole(name: string, rules: readonly PolicyRule[]): ClusterRole {
  return { apiVersion, kind: 'ClusterRole', metadata: { name }, rules }
}

export function role(name: string, rules: readonly PolicyRule[], namespace = 'default'): Role {
  return { apiVersion, kind: 'Role', metadata: { namespace, name }, rules }
}

/** A RoleBinding in `default`; `ROLE` or `ClusterRole/ROLE`. */
export function roleBinding(name: string, to: string, ...subjects: Subject[]): RoleBinding {
  const [roleName = '', kind = 'Role'] = to.split('/').reverse()
  const metadata = { namespace: 'default', name }
  const roleRef = { apiGroup, kind, name: roleName }
  return { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects }
}

/** Makes a role for the whole cluster, and gives it to the subjects. */
export async function grant(
  api: Transport,
  role: ClusterRole,
  ...subjects: Subject[]
): Promise<void> {
  const { name = '' } = role.metadata
  await api.create(clusterRoles, {}, role)
  const roleRef = { apiGroup, kind: 'ClusterRole', name }
  const metadata = { name }
  const binding = { apiVersion, kind: 'ClusterRoleBinding', metadata, roleRef, subjects }
  await api.create(clusterRoleBindings, {}, binding)
}

/** The same within the namespace `default`. */
export async function grantInDefault(
  api: Transport,
  role: Role,
  ...subjects: Subject[]
): Promise<void> {
  const where = { namespace: 'default' }
  const { name = '' } = role.metadata
  await api.create(roles, where, role)
  await api.create(roleBindings, where, roleBinding(name, name, ...subjects))
}
