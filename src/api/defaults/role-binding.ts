import type { ClusterRoleBinding, RoleBinding, Subject } from '../generated/types.ts'
import { roles } from '../scheme.ts'
import { change, changeEach } from './copy-on-change.ts'

/** An empty group means the one of roles: for the role, and for users and groups. */
export function defaultRoleBinding<T extends RoleBinding | ClusterRoleBinding>(binding: T): T {
  const referring = change(binding, 'roleRef', (roleRef) =>
    roleRef.apiGroup ? roleRef : Object.freeze({ ...roleRef, apiGroup: roles.group }),
  )
  return change(referring, 'subjects', (subjects) => changeEach(subjects, defaultSubject))
}

function defaultSubject(subject: Subject): Subject {
  const isOurs = subject.kind === 'User' || subject.kind === 'Group'
  if (subject.apiGroup || !isOurs) return subject
  return Object.freeze({ ...subject, apiGroup: roles.group })
}
