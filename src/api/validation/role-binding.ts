import { invalidValue, requiredValue, unsupportedValue } from '../field-errors.ts'
import type { ClusterRoleBinding, RoleBinding, RoleRef, Subject } from '../generated/types.ts'
import { roles } from '../scheme.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { pathSegmentErrors } from './path-segment.ts'
import { type Errors, each, isSame, requiredFormatted } from './rules.ts'

type Binding = RoleBinding | ClusterRoleBinding

/** What differs between a binding in a namespace and one for the whole cluster. */
interface BindingRules {
  readonly namespaced: boolean
  readonly roleKinds: readonly string[]
}

export const roleBindingRules = bindingRules<RoleBinding>({
  namespaced: true,
  roleKinds: ['Role', 'ClusterRole'],
})

export const clusterRoleBindingRules = bindingRules<ClusterRoleBinding>({
  namespaced: false,
  roleKinds: ['ClusterRole'],
})

function bindingRules<T extends Binding>(rules: BindingRules): KindRules<T> {
  return {
    create: (binding) => validateBinding(binding, rules),
    update: (next, previous) => [
      ...validateBinding(next, rules),
      ...validateObjectMetaUpdate(next.metadata, previous.metadata),
      ...validateSameRole(next.roleRef, previous.roleRef),
    ],
  }
}

function validateBinding(binding: Binding, { namespaced, roleKinds }: BindingRules): Errors {
  const { metadata, roleRef, subjects } = binding
  return [
    ...validateObjectMeta(metadata, { namespaced, name: pathSegmentErrors }),
    ...validateGroup('roleRef.apiGroup', roleRef.apiGroup),
    ...(roleKinds.includes(roleRef.kind)
      ? []
      : [unsupportedValue('roleRef.kind', roleRef.kind, roleKinds)]),
    ...requiredFormatted('roleRef.name', roleRef.name, pathSegmentErrors),
    ...each('subjects', subjects, (subject, path) => validateSubject(subject, path, namespaced)),
  ]
}

/** Who holds a binding must not get another role without somebody granting that. */
function validateSameRole(next: RoleRef, previous: RoleRef): Errors {
  if (isSame(next, previous)) return []
  // The names of Go's fields: upstream prints its internal struct.
  const shown = { APIGroup: next.apiGroup, Kind: next.kind, Name: next.name }
  return [invalidValue('roleRef', shown, 'cannot change roleRef')]
}

function validateGroup(path: string, group = ''): Errors {
  return group === roles.group ? [] : [unsupportedValue(path, group, [roles.group])]
}

function validateSubject(subject: Subject, path: string, isNamespaced: boolean): Errors {
  const { kind, name, apiGroup = '', namespace = '' } = subject
  const missing = name === '' ? [requiredValue(`${path}.name`)] : []
  switch (kind) {
    case 'ServiceAccount':
      return [
        ...missing,
        ...(name === '' ? [] : requiredFormatted(`${path}.name`, name, dns1123SubdomainErrors)),
        ...(apiGroup === '' ? [] : [unsupportedValue(`${path}.apiGroup`, apiGroup, [''])]),
        ...(isNamespaced || namespace !== '' ? [] : [requiredValue(`${path}.namespace`)]),
      ]
    case 'User':
    case 'Group': {
      const why = `${kind.toLowerCase()} name cannot be empty`
      const empty = name === '' ? [invalidValue(`${path}.name`, name, why)] : []
      return [...missing, ...empty, ...validateGroup(`${path}.apiGroup`, apiGroup)]
    }
    default: {
      const kinds = ['ServiceAccount', 'User', 'Group']
      return [...missing, unsupportedValue(`${path}.kind`, kind, kinds)]
    }
  }
}
