import { invalidValue, requiredValue } from '../field-errors.ts'
import type {
  ResourceQuota,
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
} from '../generated/types.ts'
import { dns1123SubdomainErrors } from '../string-formats.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { isQuotaResource, validateQuotaAmount, validateResourceName } from './resources.ts'
import { type Errors, immutable } from './rules.ts'

export const resourceQuotaRules: KindRules<ResourceQuota> = {
  create: (quota) => [
    ...validateObjectMeta(quota.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateSpec(quota.spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec),
    ...validateSameScopes(next.spec, previous.spec),
  ],
  statusUpdate: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateAmounts('status.hard', next.status?.hard),
    ...validateAmounts('status.used', next.status?.used),
  ],
}

function validateSpec(spec: ResourceQuotaSpec = {}): Errors {
  return [
    ...validateAmounts('spec.hard', spec.hard),
    ...validateScopes(spec),
    ...validateSelector(spec),
  ]
}

function validateAmounts(path: string, amounts: ResourceQuotaSpec['hard'] = {}): Errors {
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const at = `${path}[${name}]`
    return [...validateName(name, at), ...validateQuotaAmount(name, amount, at)]
  })
}

function validateName(name: string, path: string): Errors {
  const errors = validateResourceName(name, path, 'any')
  if (name.includes('/') || isQuotaResource(name)) return errors
  return [...errors, invalidValue(path, name, 'must be a standard resource for quota')]
}

const podNames = ['pods', 'cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu']
const ofAnyPod = [...podNames, 'limits.memory']

const scopes: Readonly<Record<string, readonly string[]>> = {
  Terminating: ofAnyPod,
  NotTerminating: ofAnyPod,
  NotBestEffort: ofAnyPod,
  PriorityClass: ofAnyPod,
  CrossNamespacePodAffinity: ofAnyPod,
  BestEffort: ['pods'],
  VolumeAttributesClass: ['persistentvolumeclaims', 'requests.storage'],
}

const conflicts = [
  ['BestEffort', 'NotBestEffort'],
  ['NotTerminating', 'Terminating'],
]

interface ScopeNames {
  readonly path: string
  readonly names: readonly string[]
  /** The value that upstream shows with every mistake. */
  readonly shown: unknown
}

function validateScopeNames(
  { path, names, shown }: ScopeNames,
  { hard = {} }: ResourceQuotaSpec,
): Errors {
  const limited = Object.keys(hard).filter(isQuotaResource)
  const errors = names.flatMap((name) => {
    const allowed = Object.hasOwn(scopes, name) ? scopes[name] : undefined
    if (!allowed) return [invalidValue(path, shown, 'unsupported scope')]
    return limited
      .filter((resource) => !allowed.includes(resource))
      .map(() => invalidValue(path, shown, 'unsupported scope applied to resource'))
  })
  const conflicting = conflicts
    .filter((pair) => pair.every((name) => names.includes(name)))
    .map(() => invalidValue(path, shown, 'conflicting scopes'))
  return [...errors, ...conflicting]
}

function validateScopes(spec: ResourceQuotaSpec): Errors {
  return validateScopeNames(
    { path: 'spec.scopes', names: spec.scopes ?? [], shown: spec.scopes },
    spec,
  )
}

const valueless = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating']
const existsOnly = [...valueless, 'CrossNamespacePodAffinity']
const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist']

function validateSelector(spec: ResourceQuotaSpec): Errors {
  const expressions = spec.scopeSelector?.matchExpressions ?? []
  const path = 'spec.scopeSelector.matchExpressions'
  const names = expressions.map(({ scopeName }) => scopeName)
  return [
    ...expressions.flatMap((expression) => validateExpression(path, expression)),
    ...validateScopeNames({ path, names, shown: spec.scopeSelector }, spec),
  ]
}

function validateExpression(path: string, expression: ScopedResourceSelectorRequirement): Errors {
  const { scopeName, operator, values = [] } = expression
  if (existsOnly.includes(scopeName) && operator !== 'Exists') {
    const detail =
      "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
    return [invalidValue(`${path}.operator`, operator, detail)]
  }
  const needsValues = operator === 'In' || operator === 'NotIn'
  if (needsValues && values.length === 0) {
    const detail =
      "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
    return [requiredValue(`${path}.values`, detail)]
  }
  if (!needsValues && values.length > 0) {
    const detail =
      "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
    return [invalidValue(`${path}.values`, values, detail)]
  }
  return operators.includes(operator)
    ? []
    : [invalidValue(`${path}.operator`, operator, 'not a valid selector operator')]
}

function validateSameScopes(
  next: ResourceQuotaSpec = {},
  previous: ResourceQuotaSpec = {},
): Errors {
  const set = ({ scopes: names = [] }: ResourceQuotaSpec) => [...new Set(names)].sort().join()
  return set(next) === set(previous) ? [] : [invalidValue('spec.scopes', next.scopes, immutable)]
}
