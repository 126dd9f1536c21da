import { forbiddenValue, invalidValue, requiredValue, unsupportedValue } from '../field-errors.ts'
import type { MetricSpec, MetricTarget } from '../generated/types.ts'
import { parseQuantity } from '../quantity.ts'
import { pathSegmentErrors } from '../string-formats.ts'
import { type Errors, requiredFormatted, requiredText } from './rules.ts'

/** Where each type of metric says what it measures. */
const sources = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
} as const

/** One metric of an autoscaler: exactly the source that its type names. */
export function validateMetric(metric: MetricSpec, path: string): Errors {
  const { type } = metric
  if (!type) return [requiredValue(`${path}.type`, 'must specify a metric source type')]
  const expected = Object.entries(sources).find(([name]) => name === type)?.[1]
  if (!expected) return [unsupportedValue(`${path}.type`, type, Object.keys(sources))]
  const missing =
    metric[expected] === undefined
      ? [
          requiredValue(
            `${path}.${expected}`,
            'must populate information for the given metric source',
          ),
        ]
      : []
  const others = Object.values(sources).filter(
    (source) => source !== expected && metric[source] !== undefined,
  )
  return [
    ...validateSource(metric, path),
    ...missing,
    ...others.map((other) =>
      forbiddenValue(`${path}.${other}`, 'must populate the given metric source only'),
    ),
  ]
}

function validateSource(metric: MetricSpec, path: string): Errors {
  const { containerResource, external, object, pods, resource } = metric
  if (containerResource) {
    const at = `${path}.containerResource`
    return [
      ...requiredText(`${at}.container`, containerResource.container),
      ...validateUsage(containerResource, at),
    ]
  }
  if (resource) return validateUsage(resource, `${path}.resource`)
  if (external) return validateAmount(external, `${path}.external`)
  if (object) {
    const at = `${path}.object`
    const { describedObject } = object
    return [
      ...requiredFormatted(`${at}.describedObject.kind`, describedObject.kind, pathSegmentErrors),
      ...requiredFormatted(`${at}.describedObject.name`, describedObject.name, pathSegmentErrors),
      ...validateAmount(object, at),
    ]
  }
  return pods ? validateAverage(pods, `${path}.pods`) : []
}

interface Usage {
  readonly name: string
  readonly target: MetricTarget
}

/** What pods use of a resource: as an amount, or in percent of what they ask for. */
function validateUsage({ name, target }: Usage, path: string): Errors {
  const at = `${path}.target`
  const errors = [
    ...(name ? [] : [requiredValue(`${path}.name`, 'must specify a resource name')]),
    ...validateTarget(target, at),
  ]
  const { averageUtilization, averageValue } = target
  if (averageUtilization === undefined && averageValue === undefined) {
    const detail = 'must set either a target raw value or a target utilization'
    errors.push(requiredValue(`${at}.averageUtilization`, detail))
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const detail = 'may not set both a target raw value and a target utilization'
    errors.push(forbiddenValue(`${at}.averageValue`, detail))
  }
  return errors
}

interface Measured {
  readonly metric: { readonly name: string }
  readonly target: MetricTarget
}

function validateMeasured({ metric, target }: Measured, path: string): Errors {
  return [
    ...(metric.name ? [] : [requiredValue(`${path}.metric.name`, 'must specify a metric name')]),
    ...validateTarget(target, `${path}.target`),
  ]
}

function validateAmount(measured: Measured, path: string): Errors {
  const { value, averageValue } = measured.target
  const errors = [...validateMeasured(measured, path)]
  if (value === undefined && averageValue === undefined) {
    const detail = 'must set either a target value or averageValue'
    errors.push(requiredValue(`${path}.target.averageValue`, detail))
  }
  return errors
}

function validateAverage(measured: Measured, path: string): Errors {
  const averageValue = measured.target.averageValue
  const isPositive = averageValue !== undefined && parseQuantity(averageValue).nanos > 0n
  const errors = [...validateMeasured(measured, path)]
  if (!isPositive) {
    const detail = 'must specify a positive target averageValue'
    errors.push(requiredValue(`${path}.target.averageValue`, detail))
  }
  return errors
}

function validateTarget(target: MetricTarget, path: string): Errors {
  const { type, averageUtilization } = target
  const errors: Errors[] = []
  if (!type) errors.push([requiredValue(`${path}.type`, 'must specify a metric target type')])
  else if (!['Utilization', 'Value', 'AverageValue'].includes(type)) {
    const detail = 'must be either Utilization, Value, or AverageValue'
    errors.push([invalidValue(`${path}.type`, type, detail)])
  }
  for (const field of ['value', 'averageValue'] as const) {
    const amount = target[field]
    if (amount === undefined || parseQuantity(amount).nanos > 0n) continue
    errors.push([invalidValue(`${path}.${field}`, amount, 'must be positive')])
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    const detail = 'must be greater than 0'
    errors.push([invalidValue(`${path}.averageUtilization`, averageUtilization, detail)])
  }
  return errors.flat()
}
