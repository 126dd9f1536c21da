import type { ClusterRoleBinding, RoleBinding, Subject } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

export const roleBindingTable: TableDefinition<RoleBinding | ClusterRoleBinding> = {
  columns: [
    nameColumn,
    column('Role', 'text', 'The role that is granted, with its kind.'),
    ageColumn,
    column('Users', 'wide text', 'The users that it is granted to.'),
    column('Groups', 'wide text', 'The groups that it is granted to.'),
    column('ServiceAccounts', 'wide text', 'The service accounts that it is granted to.'),
  ],
  cells: ({ metadata, roleRef, subjects = [] }, nowMs) => [
    metadata.name ?? '',
    `${roleRef.kind}/${roleRef.name}`,
    ageOf(metadata.creationTimestamp, nowMs),
    namesOf(subjects, 'User'),
    namesOf(subjects, 'Group'),
    namesOf(subjects, 'ServiceAccount'),
  ],
}

function namesOf(subjects: readonly Subject[], kind: string): string {
  return subjects
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace = '' }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
    .join(', ')
}
