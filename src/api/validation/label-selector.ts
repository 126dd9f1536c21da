import { forbiddenValue, invalidValue, requiredValue } from '../field-errors.ts'
import type { LabelSelector, LabelSelectorRequirement } from '../generated/types.ts'
import type { Labels } from '../label-requirement.ts'
import { labelValueErrors, qualifiedNameErrors } from '../string-formats.ts'
import { type Errors, each, formatted } from './rules.ts'

/** Upstream names the map, not the key, as the field. */
export function validateLabels(path: string, labels: Labels | undefined): Errors {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...formatted(path, key, qualifiedNameErrors),
    ...formatted(path, value ?? '', labelValueErrors),
  ])
}

export function validateLabelSelector(path: string, selector: LabelSelector | undefined): Errors {
  return [
    ...validateLabels(`${path}.matchLabels`, selector?.matchLabels),
    ...each(`${path}.matchExpressions`, selector?.matchExpressions, validateRequirement),
  ]
}

function validateRequirement(requirement: LabelSelectorRequirement, path: string): Errors {
  return [
    ...validateOperator(requirement, path),
    ...formatted(`${path}.key`, requirement.key ?? '', qualifiedNameErrors),
    ...each(`${path}.values`, requirement.values, (value, valuePath) =>
      formatted(valuePath, value, labelValueErrors),
    ),
  ]
}

function validateOperator(requirement: LabelSelectorRequirement, path: string): Errors {
  const { operator, values = [] } = requirement
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) return []
      return [
        requiredValue(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"),
      ]
    case 'Exists':
    case 'DoesNotExist': {
      if (values.length === 0) return []
      const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
      return [forbiddenValue(`${path}.values`, detail)]
    }
    default:
      return [invalidValue(`${path}.operator`, operator ?? '', 'not a valid selector operator')]
  }
}

export function isEmptySelector(selector: LabelSelector): boolean {
  const labels = Object.keys(selector.matchLabels ?? {})
  return labels.length + (selector.matchExpressions ?? []).length === 0
}

/** A selector as error texts show it: members in upstream's order, labels by name. */
export function selectorValue(selector: LabelSelector): LabelSelector {
  const { matchLabels, matchExpressions = [] } = selector
  const expressions = matchExpressions.map(({ key, operator, values }) => ({
    key,
    operator,
    ...(values && { values }),
  }))
  return {
    ...(matchLabels && { matchLabels: labelsValue(matchLabels) }),
    ...(expressions.length > 0 && { matchExpressions: expressions }),
  }
}

/** Labels as error texts show them, by name. */
export function labelsValue(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}
