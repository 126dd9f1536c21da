import { duplicateValue, forbiddenValue, invalidValue, requiredValue } from '../field-errors.ts'
import type {
  Affinity,
  NodeAffinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  TopologySpreadConstraint,
} from '../generated/types.ts'
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from '../string-formats.ts'
import { validateLabelSelector } from './label-selector.ts'
import { type Errors, each, formatted, positive, word } from './rules.ts'

const required = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'

export function validateAffinity(affinity: Affinity | undefined, path: string): Errors {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {}
  return [
    ...(nodeAffinity ? validateNodeAffinity(nodeAffinity, `${path}.nodeAffinity`) : []),
    ...(podAffinity ? validatePodAffinity(podAffinity, `${path}.podAffinity`) : []),
    ...(podAntiAffinity ? validatePodAffinity(podAntiAffinity, `${path}.podAntiAffinity`) : []),
  ]
}

function validateNodeAffinity(affinity: NodeAffinity, path: string): Errors {
  const selector = affinity[required]
  const termsPath = `${path}.${required}.nodeSelectorTerms`
  const errors = [...each(termsPath, selector?.nodeSelectorTerms, validateRequiredTerm)]
  if (selector && !selector.nodeSelectorTerms?.length) {
    errors.push(requiredValue(termsPath, 'must have at least one node selector term'))
  }
  const preferences = each(`${path}.${preferred}`, affinity[preferred], (term, at) => [
    ...validateWeight(term.weight, `${at}.weight`),
    ...validateTerm(term.preference, `${at}.preference`),
  ])
  return [...errors, ...preferences]
}

function validateWeight(weight: number | undefined, path: string): Errors {
  if (weight !== undefined && weight >= 1 && weight <= 100) return []
  return [invalidValue(path, weight ?? 0, 'must be in the range 1-100')]
}

/** Only what is required must have well formed values: a preference may simply never match. */
function validateRequiredTerm(term: NodeSelectorTerm, path: string): Errors {
  const values = each(`${path}.matchExpressions`, term.matchExpressions, (requirement, at) =>
    each(`${at}.values`, requirement.values, (value, valuePath) =>
      formatted(valuePath, value, labelValueErrors),
    ),
  )
  return [...validateTerm(term, path), ...values]
}

function validateTerm(term: NodeSelectorTerm, path: string): Errors {
  return [
    ...each(`${path}.matchExpressions`, term.matchExpressions, validateExpression),
    ...each(`${path}.matchFields`, term.matchFields, validateField),
  ]
}

function validateExpression(requirement: NodeSelectorRequirement, path: string): Errors {
  return [
    ...validateOperator(requirement, path),
    ...formatted(`${path}.key`, requirement.key ?? '', qualifiedNameErrors),
  ]
}

function validateOperator(requirement: NodeSelectorRequirement, path: string): Errors {
  const { operator, values = [] } = requirement
  const at = `${path}.values`
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) return []
      return [requiredValue(at, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist': {
      if (values.length === 0) return []
      const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
      return [forbiddenValue(at, detail)]
    }
    case 'Gt':
    case 'Lt':
      if (values.length === 1) return []
      return [requiredValue(at, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
    default:
      return [invalidValue(`${path}.operator`, operator ?? '', 'not a valid selector operator')]
  }
}

function validateField(requirement: NodeSelectorRequirement, path: string): Errors {
  const { key, operator, values = [] } = requirement
  const errors = []
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalidValue(`${path}.operator`, operator, 'not a valid selector operator'))
  } else if (values.length !== 1) {
    const detail =
      "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
    errors.push(requiredValue(`${path}.values`, detail))
  }
  if (key !== 'metadata.name') {
    return [...errors, invalidValue(`${path}.key`, key, 'not a valid field selector key')]
  }
  const names = each(`${path}.values`, values, (value, at) =>
    formatted(at, value, dns1123SubdomainErrors),
  )
  return [...errors, ...names]
}

function validatePodAffinity(affinity: PodAffinity, path: string): Errors {
  return [
    ...each(`${path}.${required}`, affinity[required], validatePodTerm),
    ...each(`${path}.${preferred}`, affinity[preferred], (term, at) => [
      ...validateWeight(term.weight, `${at}.weight`),
      ...validatePodTerm(term.podAffinityTerm, `${at}.podAffinityTerm`),
    ]),
  ]
}

function validatePodTerm(term: PodAffinityTerm, path: string): Errors {
  const { namespaces = [], topologyKey } = term
  return [
    ...validateLabelSelector(`${path}.labelSelector`, term.labelSelector),
    ...validateLabelSelector(`${path}.namespaceSelector`, term.namespaceSelector),
    ...namespaces.flatMap((name) => formatted(`${path}.namespace`, name, dns1123LabelErrors)),
    ...(topologyKey ? [] : [requiredValue(`${path}.topologyKey`, 'can not be empty')]),
    ...formatted(`${path}.topologyKey`, topologyKey ?? '', qualifiedNameErrors),
  ]
}

export function validateTopologySpread(
  constraints: readonly TopologySpreadConstraint[] | undefined,
  path: string,
): Errors {
  const pairs = (constraints ?? []).map(
    ({ topologyKey, whenUnsatisfiable }) => `{${topologyKey}, ${whenUnsatisfiable}}`,
  )
  return (constraints ?? []).flatMap((constraint, index) => {
    const at = `${path}[${index}]`
    const pair = pairs[index]
    const isRepeated = pair !== undefined && pairs.includes(pair, index + 1)
    const unique = `${at}.{topologyKey, whenUnsatisfiable}`
    return [
      ...validateConstraint(constraint, at),
      ...(isRepeated ? [duplicateValue(unique, pair)] : []),
      ...validateLabelSelector(`${at}.labelSelector`, constraint.labelSelector),
    ]
  })
}

function validateConstraint(constraint: TopologySpreadConstraint, path: string): Errors {
  const { topologyKey, whenUnsatisfiable = '', minDomains } = constraint
  const actions = ['DoNotSchedule', 'ScheduleAnyway']
  const policies = ['Honor', 'Ignore']
  const errors = [
    ...positive(`${path}.maxSkew`, constraint.maxSkew),
    ...(topologyKey ? [] : [requiredValue(`${path}.topologyKey`, 'can not be empty')]),
    ...word(`${path}.whenUnsatisfiable`, whenUnsatisfiable, actions),
    ...word(`${path}.nodeAffinityPolicy`, constraint.nodeAffinityPolicy, policies),
    ...word(`${path}.nodeTaintsPolicy`, constraint.nodeTaintsPolicy, policies),
  ]
  if (minDomains === undefined) return errors
  errors.push(...positive(`${path}.minDomains`, minDomains))
  if (whenUnsatisfiable !== 'DoNotSchedule') {
    const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`
    errors.push(invalidValue(`${path}.minDomains`, minDomains, detail))
  }
  return errors
}
