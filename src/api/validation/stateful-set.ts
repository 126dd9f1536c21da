import { forbiddenValue, invalidValue, requiredValue } from '../field-errors.ts'
import type {
  LabelSelector,
  PodTemplateSpec,
  RollingUpdateStatefulSetStrategy,
  StatefulSet,
  StatefulSetSpec,
  StatefulSetStatus,
  StatefulSetUpdateStrategy,
} from '../generated/types.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { isEmptySelector, selectorValue, validateLabelSelector } from './label-selector.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { validateLongRunning, validateSelected, validateTemplateMetadata } from './pod-template.ts'
import { podSpecWarnings } from './pod-warnings.ts'
import { amountOf, validateAtMostAll, validateIntOrPercent } from './rolling-update.ts'
import { type Errors, isSame, nonNegative, word } from './rules.ts'
import { atMost, hostNameWarnings, validateCollisionCount } from './workload.ts'

/** */
export const statefulSetRules: KindRules<StatefulSet> = {
  create: (statefulSet) => [
    ...validateObjectMeta(statefulSet.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateSpec(statefulSet.spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec),
    ...validateSpecUpdate(next.spec, previous.spec),
  ],
  statusUpdate: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateStatus(next.status),
    ...validateCollisionCount(next.status, previous.status),
  ],
  warnings: ({ metadata, spec }) => [
    ...hostNameWarnings(metadata, 'Pod names and hostnames'),
    ...podSpecWarnings(spec?.template, 'spec.template'),
  ],
}

function validateSpec(spec: Partial<StatefulSetSpec> = {}): Errors {
  const retention = spec.persistentVolumeClaimRetentionPolicy
  const retentionPath = 'spec.persistentVolumeClaimRetentionPolicy'
  return [
    ...validateManagementPolicy(spec.podManagementPolicy),
    ...validateUpdateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy'),
    ...word(`${retentionPath}.whenDeleted`, retention?.whenDeleted, ['Retain', 'Delete']),
    ...word(`${retentionPath}.whenScaled`, retention?.whenScaled, ['Retain', 'Delete']),
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...validateSelectorAndTemplate(spec.selector, spec.template ?? {}),
  ]
}

function validateManagementPolicy(policy: string | undefined): Errors {
  const path = 'spec.podManagementPolicy'
  if (!policy) return [requiredValue(path)]
  if (policy === 'OrderedReady' || policy === 'Parallel') return []
  return [invalidValue(path, policy, "must be 'OrderedReady' or 'Parallel'")]
}

function validateUpdateStrategy(strategy: StatefulSetUpdateStrategy, path: string): Errors {
  const { type, rollingUpdate } = strategy
  switch (type) {
    case undefined:
      return [requiredValue(path)]
    case 'OnDelete': {
      if (!rollingUpdate) return []
      const detail = "only allowed for updateStrategy 'RollingUpdate'"
      return [invalidValue(`${path}.rollingUpdate`, rollingUpdate, detail)]
    }
    case 'RollingUpdate':
      return rollingUpdate ? validateRollingUpdate(rollingUpdate, `${path}.rollingUpdate`) : []
    default:
      return [invalidValue(path, strategy, "must be 'RollingUpdate' or 'OnDelete'")]
  }
}

function validateRollingUpdate(update: RollingUpdateStatefulSetStrategy, path: string): Errors {
  const { partition, maxUnavailable } = update
  const errors = [...nonNegative(`${path}.partition`, partition)]
  if (maxUnavailable === undefined) return errors
  const unavailablePath = `${path}.maxUnavailable`
  errors.push(...validateIntOrPercent(unavailablePath, maxUnavailable))
  if (amountOf(maxUnavailable) === 0) {
    errors.push(invalidValue(unavailablePath, maxUnavailable, 'cannot be 0'))
  }
  return [...errors, ...validateAtMostAll(unavailablePath, maxUnavailable)]
}

/**
 * Upstream does not look into the pod spec here: its mounts may name volumes that come from the
 * claim templates. What is wrong with it shows when a pod is created.
 */
function validateSelectorAndTemplate(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec,
): Errors {
  const path = 'spec.selector'
  const wrong = validateLabelSelector(path, selector)
  const errors = selector ? [...wrong] : [requiredValue(path)]
  if (selector && isEmptySelector(selector)) {
    const detail = 'empty selector is invalid for statefulset'
    errors.push(invalidValue(path, selectorValue(selector), detail))
  }
  if (selector && wrong.length > 0) errors.push(invalidValue(path, selectorValue(selector), ''))
  else errors.push(...validateSelected(template, selector))
  return [
    ...errors,
    ...validateTemplateMetadata(template, 'spec.template'),
    ...validateLongRunning(template, 'StatefulSet'),
  ]
}

/** A-42, V-09. */
function validateSpecUpdate(
  next: Partial<StatefulSetSpec> = {},
  previous: Partial<StatefulSetSpec> = {},
): Errors {
  if (isSame(fixedPart(next), fixedPart(previous))) return []
  const detail =
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
  return [forbiddenValue('spec', detail)]
}

function fixedPart(spec: Partial<StatefulSetSpec>) {
  const { podManagementPolicy, selector, serviceName, volumeClaimTemplates } = spec
  return { podManagementPolicy, selector, serviceName, volumeClaimTemplates }
}

const counts = [
  'replicas',
  'readyReplicas',
  'currentReplicas',
  'updatedReplicas',
  'availableReplicas',
  'observedGeneration',
  'collisionCount',
] as const

function validateStatus(status: Partial<StatefulSetStatus> = {}): Errors {
  const { readyReplicas, currentReplicas, updatedReplicas, availableReplicas, replicas } = status
  const parts = { readyReplicas, currentReplicas, updatedReplicas, availableReplicas }
  return [
    ...counts.flatMap((field) => nonNegative(`status.${field}`, status[field])),
    ...atMost(parts, replicas, 'cannot be greater than status.replicas'),
    ...atMost({ availableReplicas }, readyReplicas, 'cannot be greater than status.readyReplicas'),
  ]
}
