import { forbiddenValue, invalidValue, requiredValue } from '../field-errors.ts'
import type { DeploymentStrategy, RollingUpdateDeployment } from '../generated/types.ts'
import { percentOf } from '../int-or-percent.ts'
import type { FieldError } from '../status-error.ts'
import { percentErrors } from '../string-formats.ts'
import { type Errors, formatted, nonNegative } from './rules.ts'

/** A Deployment's update strategy, after defaulting. */
export function validateStrategy(strategy: DeploymentStrategy, path: string): Errors {
  const { type, rollingUpdate } = strategy
  switch (type) {
    case 'Recreate': {
      if (rollingUpdate === undefined) return []
      const detail = "may not be specified when strategy `type` is 'Recreate'"
      return [forbiddenValue(`${path}.rollingUpdate`, detail)]
    }
    case 'RollingUpdate':
      if (rollingUpdate) return validateRollingUpdate(rollingUpdate, `${path}.rollingUpdate`)
      return [requiredValue(`${path}.rollingUpdate`, 'this should be defaulted and never be nil')]
    default:
      return [unsupportedStrategy(strategy, path)]
  }
}

/** Upstream shows the whole struct here, as Go names its members. */
function unsupportedStrategy(strategy: DeploymentStrategy, path: string): FieldError {
  const { type = '', rollingUpdate } = strategy
  const shown = JSON.stringify({
    Type: type,
    RollingUpdate: rollingUpdate
      ? {
          MaxUnavailable: rollingUpdate.maxUnavailable ?? 0,
          MaxSurge: rollingUpdate.maxSurge ?? 0,
        }
      : null,
  })
  const body = `Unsupported value: ${shown}: supported values: "Recreate", "RollingUpdate"`
  return { reason: 'FieldValueNotSupported', field: path, body }
}

function validateRollingUpdate(update: RollingUpdateDeployment, path: string): Errors {
  const { maxSurge = 0, maxUnavailable = 0 } = update
  const errors = [
    ...validateIntOrPercent(`${path}.maxUnavailable`, maxUnavailable),
    ...validateIntOrPercent(`${path}.maxSurge`, maxSurge),
  ]
  if (amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0) {
    const detail = 'may not be 0 when `maxSurge` is 0'
    errors.push(invalidValue(`${path}.maxUnavailable`, maxUnavailable, detail))
  }
  return [...errors, ...validateAtMostAll(`${path}.maxUnavailable`, maxUnavailable)]
}

/** A percentage of at most 100. */
export function validateAtMostAll(path: string, value: number | string): Errors {
  if ((percentOf(value) ?? 0) <= 100) return []
  return [invalidValue(path, value, 'must not be greater than 100%')]
}

/** A count or a percentage, neither of them negative. */
export function validateIntOrPercent(path: string, value: number | string): Errors {
  return typeof value === 'string'
    ? formatted(path, value, percentErrors)
    : nonNegative(path, value)
}

/** What is written, whatever it is a share of: upstream compares these (`0` and `"0%"` alike). */
export function amountOf(value: number | string): number {
  const percent = percentOf(value)
  if (percent !== undefined) return percent
  return /^[-+]?\d+$/.test(String(value)) ? Number(value) : 0
}
