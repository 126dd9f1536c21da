import { duplicateValue, invalidValue, tooManyItems } from '../field-errors.ts'
import type {
  JobSpec,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '../generated/types.ts'
import { qualifiedNameErrors } from '../string-formats.ts'
import { type Errors, each, formatted, requiredWord } from './rules.ts'

const rulesMax = 20
const exitCodesMax = 255
const conditionsMax = 20
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']

/** What a Job makes of failed pods, by exit code or condition. */
export function validatePodFailurePolicy(
  { rules = [] }: PodFailurePolicy,
  spec: JobSpec,
  path: string,
): Errors {
  return [
    ...(rules.length > rulesMax ? [tooManyItems(`${path}.rules`, rules.length, rulesMax)] : []),
    ...each(`${path}.rules`, rules, (rule, at) => [
      ...requiredWord(`${at}.action`, rule.action, actions),
      ...validateIndexAction(rule, spec, `${at}.action`),
      ...validateRequirement(rule, spec, at),
    ]),
  ]
}

function validateIndexAction({ action }: PodFailurePolicyRule, spec: JobSpec, path: string) {
  if (action !== 'FailIndex' || spec.backoffLimitPerIndex !== undefined) return []
  return [invalidValue(path, action, 'requires the backoffLimitPerIndex to be set')]
}

function validateRequirement(rule: PodFailurePolicyRule, spec: JobSpec, path: string): Errors {
  const { onExitCodes, onPodConditions = [] } = rule
  const hasConditions = onPodConditions.length > 0
  const errors = []
  if (onExitCodes && hasConditions) {
    const detail = 'specifying both OnExitCodes and OnPodConditions is not supported'
    errors.push(invalidValue(path, {}, detail))
  }
  if (!onExitCodes && !hasConditions) {
    const detail = 'specifying one of OnExitCodes and OnPodConditions is required'
    errors.push(invalidValue(path, {}, detail))
  }
  if (onPodConditions.length > conditionsMax) {
    errors.push(tooManyItems(`${path}.onPodConditions`, onPodConditions.length, conditionsMax))
  }
  return [
    ...errors,
    ...(onExitCodes ? validateExitCodes(onExitCodes, spec, `${path}.onExitCodes`) : []),
    ...each(`${path}.onPodConditions`, onPodConditions, ({ type, status }, at) => [
      ...formatted(`${at}.type`, type, qualifiedNameErrors),
      ...requiredWord(`${at}.status`, status, ['False', 'True', 'Unknown']),
    ]),
  ]
}

function validateExitCodes(
  { containerName, operator, values = [] }: PodFailurePolicyOnExitCodesRequirement,
  { template }: JobSpec,
  path: string,
): Errors {
  const { containers = [], initContainers = [] } = template.spec ?? {}
  const names = [...containers, ...initContainers].map(({ name }) => name)
  const errors = [...requiredWord(`${path}.operator`, operator, ['In', 'NotIn'])]
  if (containerName !== undefined && !names.includes(containerName)) {
    const detail = 'must be one of the container or initContainer names in the pod template'
    errors.push(invalidValue(`${path}.containerName`, containerName, detail))
  }
  if (values.length === 0) {
    errors.push(invalidValue(`${path}.values`, values, 'at least one value is required'))
  } else if (values.length > exitCodesMax) {
    errors.push(tooManyItems(`${path}.values`, values.length, exitCodesMax))
  }
  const repeated = values.findIndex((value, index) => values.indexOf(value) < index)
  if (repeated >= 0) errors.push(duplicateValue(`${path}.values[${repeated}]`, values[repeated]))
  if (operator === 'In' && values.includes(0)) {
    const at = `${path}.values[${values.indexOf(0)}]`
    errors.push(invalidValue(at, 0, 'must not be 0 for the In operator'))
  }
  const isOrdered = values.every((value, index) => index === 0 || (values[index - 1] ?? 0) <= value)
  if (!isOrdered) errors.push(invalidValue(`${path}.values`, values, 'must be ordered'))
  return errors
}
