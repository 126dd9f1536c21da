import { invalidValue, requiredValue } from '../field-errors.ts'
import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingPolicy,
  HPAScalingRules,
} from '../generated/types.ts'
import { dns1123SubdomainErrors, pathSegmentErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateMetric } from './metric.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { type Errors, each, nonNegative, requiredFormatted, word } from './rules.ts'

const windowSecondsMax = 3600
const periodSecondsMax = 1800

export const horizontalPodAutoscalerRules: KindRules<HorizontalPodAutoscaler> = {
  create: (autoscaler) => [
    ...validateObjectMeta(autoscaler.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateSpec(autoscaler.spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec),
  ],
  statusUpdate: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...nonNegative('status.currentReplicas', next.status?.currentReplicas),
    ...nonNegative('status.desiredReplicas', next.status?.desiredReplicas),
  ],
  notDone:
    'horizontalpodautoscalers are kept as data here: nothing measures load or scales by it; scale its target with "kubectl scale"',
}

function validateSpec(spec: HorizontalPodAutoscalerSpec | undefined): Errors {
  if (!spec) return [requiredValue('spec.scaleTargetRef.kind')]
  const { minReplicas, maxReplicas } = spec
  const errors: Errors[] = []
  if (minReplicas !== undefined && minReplicas < 1) {
    const detail = 'must be greater than or equal to 1'
    errors.push([invalidValue('spec.minReplicas', minReplicas, detail)])
  }
  if (maxReplicas < 1) {
    errors.push([invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than 0')])
  }
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    const detail = 'must be greater than or equal to `minReplicas`'
    errors.push([invalidValue('spec.maxReplicas', maxReplicas, detail)])
  }
  return [
    ...errors.flat(),
    ...validateReference(spec.scaleTargetRef, 'spec.scaleTargetRef'),
    ...each('spec.metrics', spec.metrics, validateMetric),
    ...validateRules(spec.behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...validateRules(spec.behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ]
}

function validateReference({ kind, name }: CrossVersionObjectReference, path: string): Errors {
  return [
    ...requiredFormatted(`${path}.kind`, kind, pathSegmentErrors),
    ...requiredFormatted(`${path}.name`, name, pathSegmentErrors),
  ]
}

function validateRules(rules: HPAScalingRules | undefined, path: string): Errors {
  if (!rules) return []
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [] } = rules
  const windowPath = `${path}.stabilizationWindowSeconds`
  const errors: Errors[] = []
  if (window !== undefined && window < 0) {
    const detail = 'must be greater than or equal to zero'
    errors.push([invalidValue(windowPath, window, detail)])
  }
  if (window !== undefined && window > windowSecondsMax) {
    const detail = `must be less than or equal to ${windowSecondsMax}`
    errors.push([invalidValue(windowPath, window, detail)])
  }
  if (policies.length === 0) {
    errors.push([requiredValue(`${path}.policies`, 'must specify at least one Policy')])
  }
  return [
    ...errors.flat(),
    ...word(`${path}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min']),
    ...each(`${path}.policies`, policies, validatePolicy),
  ]
}

function validatePolicy(policy: HPAScalingPolicy, path: string): Errors {
  const { type, value, periodSeconds } = policy
  const errors = [...word(`${path}.type`, type, ['Percent', 'Pods'])]
  if (value <= 0) errors.push(invalidValue(`${path}.value`, value, 'must be greater than zero'))
  const periodPath = `${path}.periodSeconds`
  if (periodSeconds <= 0) {
    errors.push(invalidValue(periodPath, periodSeconds, 'must be greater than zero'))
  }
  if (periodSeconds > periodSecondsMax) {
    const detail = `must be less than or equal to ${periodSecondsMax}`
    errors.push(invalidValue(periodPath, periodSeconds, detail))
  }
  return errors
}
