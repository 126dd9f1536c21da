import { invalidValue, requiredValue } from '../field-errors.ts'
import type { ClusterRole, PolicyRule, Role } from '../generated/types.ts'
import type { KindRules } from './kind-rules.ts'
import { validateLabelSelector } from './label-selector.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { pathSegmentErrors } from './path-segment.ts'
import { type Errors, each } from './rules.ts'

export const roleRules: KindRules<Role> = {
  create: validateRole,
  update: (next, previous) => [
    ...validateRole(next),
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
  ],
}

export const clusterRoleRules: KindRules<ClusterRole> = {
  create: validateClusterRole,
  update: (next, previous) => [
    ...validateClusterRole(next),
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
  ],
}

function validateRole({ metadata, rules }: Role): Errors {
  return [
    ...validateObjectMeta(metadata, { namespaced: true, name: pathSegmentErrors }),
    ...each('rules', rules, (rule, path) => validateRule(rule, path, 'namespaced')),
  ]
}

function validateClusterRole({ metadata, rules, aggregationRule }: ClusterRole): Errors {
  return [
    ...validateObjectMeta(metadata, { namespaced: false, name: pathSegmentErrors }),
    ...each('rules', rules, (rule, path) => validateRule(rule, path, 'cluster')),
    ...(aggregationRule ? validateSelectors(aggregationRule.clusterRoleSelectors) : []),
  ]
}

type Selectors = NonNullable<ClusterRole['aggregationRule']>['clusterRoleSelectors']

function validateSelectors(selectors: Selectors): Errors {
  const path = 'aggregationRule.clusterRoleSelectors'
  if (!selectors?.length) {
    return [
      requiredValue(
        path,
        'at least one clusterRoleSelector required if aggregationRule is non-nil',
      ),
    ]
  }
  return each(path, selectors, (selector, selectorPath) =>
    validateLabelSelector(selectorPath, selector),
  )
}

function validateRule(rule: PolicyRule, path: string, scope: 'namespaced' | 'cluster'): Errors {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  const errors =
    rule.verbs.length === 0
      ? [requiredValue(`${path}.verbs`, 'verbs must contain at least one value')]
      : []
  if (nonResourceURLs.length > 0) {
    const refuse = (why: string) => invalidValue(`${path}.nonResourceURLs`, nonResourceURLs, why)
    if (scope === 'namespaced') {
      errors.push(refuse('namespaced rules cannot apply to non-resource URLs'))
    }
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      errors.push(refuse('rules cannot apply to both regular resources and non-resource URLs'))
    }
    return errors
  }
  if (apiGroups.length === 0) {
    const why = 'resource rules must supply at least one api group'
    errors.push(requiredValue(`${path}.apiGroups`, why))
  }
  if (resources.length === 0) {
    const why = 'resource rules must supply at least one resource'
    errors.push(requiredValue(`${path}.resources`, why))
  }
  return errors
}
