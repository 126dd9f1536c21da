import { invalidValue, requiredValue, unsupportedValue } from '../field-errors.ts'
import type {
  DaemonSet,
  DaemonSetSpec,
  DaemonSetStatus,
  DaemonSetUpdateStrategy,
  LabelSelector,
  RollingUpdateDaemonSet,
} from '../generated/types.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { isEmptySelector, selectorValue, validateLabelSelector } from './label-selector.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { validateLongRunning, validatePodTemplate, validateSelected } from './pod-template.ts'
import { podSpecWarnings } from './pod-warnings.ts'
import { amountOf, validateAtMostAll, validateIntOrPercent } from './rolling-update.ts'
import { type Errors, nonNegative } from './rules.ts'
import { validateCollisionCount, validateSelectorUnchanged } from './workload.ts'

/** */
export const daemonSetRules: KindRules<DaemonSet> = {
  create: (daemonSet) => [
    ...validateObjectMeta(daemonSet.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateSpec(daemonSet.spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec),
    ...validateSelectorUnchanged(next.spec?.selector, previous.spec?.selector),
  ],
  statusUpdate: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateStatus(next.status),
    ...validateCollisionCount(next.status, previous.status),
  ],
  warnings: ({ spec }) => podSpecWarnings(spec?.template, 'spec.template'),
}

function validateSpec(spec: Partial<DaemonSetSpec> = {}): Errors {
  const { selector, template = {} } = spec
  const wrong = validateLabelSelector('spec.selector', selector)
  return [
    ...wrong,
    ...(wrong.length > 0 ? [] : validateSelected(template, selector)),
    ...validateNotEmpty(selector),
    ...validatePodTemplate(template, 'spec.template'),
    ...validateLongRunning(template, 'DaemonSet'),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateUpdateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy'),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ]
}

function validateNotEmpty(selector: LabelSelector | undefined): Errors {
  if (!selector || !isEmptySelector(selector)) return []
  const detail = 'empty selector is invalid for daemonset'
  return [invalidValue('spec.selector', selectorValue(selector), detail)]
}

function validateUpdateStrategy(strategy: DaemonSetUpdateStrategy, path: string): Errors {
  const { type, rollingUpdate } = strategy
  if (type === 'OnDelete') return []
  if (type !== 'RollingUpdate') {
    return [unsupportedValue(path, strategy, ['RollingUpdate', 'OnDelete'])]
  }
  if (!rollingUpdate) return [requiredValue(`${path}.rollingUpdate`)]
  return validateRollingUpdate(rollingUpdate, `${path}.rollingUpdate`)
}

/** Exactly one of the two may move pods. */
function validateRollingUpdate(update: RollingUpdateDaemonSet, path: string): Errors {
  const { maxUnavailable = 0, maxSurge = 0 } = update
  const errors = [
    ...validateIntOrPercent(`${path}.maxUnavailable`, maxUnavailable),
    ...validateIntOrPercent(`${path}.maxSurge`, maxSurge),
    ...validateAtMostAll(`${path}.maxUnavailable`, maxUnavailable),
    ...validateAtMostAll(`${path}.maxSurge`, maxSurge),
  ]
  const [hasUnavailable, hasSurge] = [amountOf(maxUnavailable) !== 0, amountOf(maxSurge) !== 0]
  if (hasUnavailable && hasSurge) {
    const detail = 'may not be set when maxUnavailable is non-zero'
    errors.push(invalidValue(`${path}.maxSurge`, maxSurge, detail))
  }
  if (!hasUnavailable && !hasSurge) {
    errors.push(requiredValue(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
  }
  return errors
}

const counts = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const

function validateStatus(status: Partial<DaemonSetStatus> = {}): Errors {
  return counts.flatMap((field) => nonNegative(`status.${field}`, status[field]))
}
