import type {
  Pod,
  PodAffinityTerm,
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
} from '../generated/types.ts'
import type { KubeObject } from '../object.ts'
import type { Resource } from '../resource.ts'
import { pods } from '../scheme.ts'

/** The scopes of a quota and its scope selector, as one list. */
function scopesOf(spec: ResourceQuotaSpec): readonly ScopedResourceSelectorRequirement[] {
  const plain = (spec.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }))
  return [...plain, ...(spec.scopeSelector?.matchExpressions ?? [])]
}

function reachesOtherNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {}
  const terms: PodAffinityTerm[] = []
  for (const rules of [podAffinity, podAntiAffinity]) {
    terms.push(...(rules?.requiredDuringSchedulingIgnoredDuringExecution ?? []))
    for (const weighted of rules?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
      terms.push(weighted.podAffinityTerm)
    }
  }
  return terms.some((term) => (term.namespaces?.length ?? 0) > 0 || term.namespaceSelector)
}

function matchesPriority({ spec }: Pod, scope: ScopedResourceSelectorRequirement): boolean {
  const name = spec?.priorityClassName
  const { operator, values = [] } = scope
  if (operator === 'Exists') return Boolean(name)
  if (operator === 'DoesNotExist') return !name
  const isListed = name !== undefined && name !== '' && values.includes(name)
  return operator === 'In' ? isListed : !isListed
}

function matchesScope(pod: Pod, scope: ScopedResourceSelectorRequirement): boolean {
  switch (scope.scopeName) {
    case 'Terminating':
      return pod.spec?.activeDeadlineSeconds !== undefined
    case 'NotTerminating':
      return pod.spec?.activeDeadlineSeconds === undefined
    case 'BestEffort':
      return pod.status?.qosClass === 'BestEffort'
    case 'NotBestEffort':
      return pod.status?.qosClass !== 'BestEffort'
    case 'PriorityClass':
      return matchesPriority(pod, scope)
    case 'CrossNamespacePodAffinity':
      return reachesOtherNamespaces(pod)
    default:
      return false
  }
}

/** Whether an object is in all scopes of a quota; only pods can be in one. */
export function isInScope(spec: ResourceQuotaSpec, resource: Resource, object: KubeObject) {
  const scopes = scopesOf(spec)
  if (scopes.length === 0) return true
  return resource === pods && scopes.every((scope) => matchesScope(object as Pod, scope))
}
