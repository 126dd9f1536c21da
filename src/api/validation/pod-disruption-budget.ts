import { invalidValue } from '../field-errors.ts'
import type {
  PodDisruptionBudget,
  PodDisruptionBudgetSpec,
  PodDisruptionBudgetStatus,
} from '../generated/types.ts'
import { pathSegmentErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { selectorValue, validateLabelSelector } from './label-selector.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { validateAtMostAll, validateIntOrPercent } from './rolling-update.ts'
import { type Errors, nonNegative, word } from './rules.ts'

export const podDisruptionBudgetRules: KindRules<PodDisruptionBudget> = {
  create: (budget) => [
    ...validateObjectMeta(budget.metadata, { namespaced: true, name: pathSegmentErrors }),
    ...validateSpec(budget.spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec),
  ],
  statusUpdate: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateStatus(next.status),
  ],
}

function validateSpec(spec: PodDisruptionBudgetSpec = {}): Errors {
  const policies = ['AlwaysAllow', 'IfHealthyBudget']
  return [
    ...validateOneLimit(spec),
    ...validateLimit('spec.minAvailable', spec.minAvailable),
    ...validateLimit('spec.maxUnavailable', spec.maxUnavailable),
    ...validateLabelSelector('spec.selector', spec.selector),
    ...word('spec.unhealthyPodEvictionPolicy', spec.unhealthyPodEvictionPolicy, policies),
  ]
}

function validateOneLimit(spec: PodDisruptionBudgetSpec): Errors {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy = null } = spec
  if (minAvailable === undefined || maxUnavailable === undefined) return []
  // Upstream shows the whole struct here, as Go names its members.
  const shown = {
    MinAvailable: minAvailable,
    Selector: selector ? selectorValue(selector) : null,
    MaxUnavailable: maxUnavailable,
    UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy,
  }
  return [invalidValue('spec', shown, 'minAvailable and maxUnavailable cannot be both set')]
}

function validateLimit(path: string, value: number | string | undefined): Errors {
  if (value === undefined) return []
  return [...validateIntOrPercent(path, value), ...validateAtMostAll(path, value)]
}

const counts = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const

function validateStatus(status: Partial<PodDisruptionBudgetStatus> = {}): Errors {
  return counts.flatMap((field) => nonNegative(`status.${field}`, status[field]))
}
