import { invalidValue, requiredValue } from '../field-errors.ts'
import type { ResourceRequirements } from '../generated/types.ts'
import { compareQuantities, formatQuantity, parseQuantity } from '../quantity.ts'
import { qualifiedNameErrors } from '../string-formats.ts'
import { type Errors, formatted } from './rules.ts'

const containerResources = ['cpu', 'memory', 'ephemeral-storage']
const namespacedPrefix = 'kubernetes.io/'

/** Requests and limits: known names, no negative amounts, no request above its limit. */
export function validateResources(
  resources: ResourceRequirements | undefined,
  path: string,
): Errors {
  const { limits = {}, requests = {} } = resources ?? {}
  return [
    ...Object.entries(limits).flatMap(([name, amount]) =>
      validateAmount(name, amount, `${path}.limits[${name}]`),
    ),
    ...Object.entries(requests).flatMap(([name, amount]) => [
      ...validateAmount(name, amount, `${path}.requests[${name}]`),
      ...validateAgainstLimit(name, amount, {
        path,
        limit: Object.hasOwn(limits, name) ? limits[name] : undefined,
      }),
    ]),
  ]
}

function validateAmount(name: string, amount: string, path: string): Errors {
  return [...validateResourceName(name, path), ...validateNonNegativeQuantity(amount, path)]
}

export function validatePositiveQuantity(amount: string, path: string): Errors {
  const quantity = parseQuantity(amount)
  if (quantity.nanos > 0n) return []
  return [invalidValue(path, formatQuantity(quantity), 'must be greater than zero')]
}

export function validateNonNegativeQuantity(amount: string, path: string): Errors {
  const quantity = parseQuantity(amount)
  if (quantity.nanos >= 0n) return []
  return [invalidValue(path, formatQuantity(quantity), 'must be greater than or equal to 0')]
}

/** Plain names that mean a resource somewhere: of containers, of claims, or in a quota. */
const standardResources = [
  ...containerResources,
  'storage',
  'pods',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'requests.storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
]
const countedObjects = [
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]

function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-')
}

function isStandardResource(name: string): boolean {
  return [...standardResources, ...countedObjects].includes(name) || isHugePages(name)
}

/** The name of a resource, as containers ask for it or as anything else does. */
export function validateResourceName(
  name: string,
  path: string,
  of: 'container' | 'any' = 'container',
): Errors {
  const errors = formatted(path, name, qualifiedNameErrors)
  if (errors.length > 0) return errors
  if (!name.includes('/')) {
    const known = isStandardResource(name)
      ? []
      : [invalidValue(path, name, 'must be a standard resource type or fully qualified')]
    if (of === 'any' || containerResources.includes(name) || isHugePages(name)) return known
    return [...known, invalidValue(path, name, 'must be a standard resource for containers')]
  }
  if (of === 'any') return []
  if (name.includes(namespacedPrefix) || !name.startsWith('requests.')) return []
  return [invalidValue(path, name, "doesn't follow extended resource name standard")]
}

/** Only plain resources may be overcommitted; of others, request and limit are the same. */
export function isOvercommitAllowed(name: string): boolean {
  return !name.startsWith('hugepages-') && (!name.includes('/') || name.includes(namespacedPrefix))
}

function validateAgainstLimit(
  name: string,
  amount: string,
  { path, limit }: { readonly path: string; readonly limit: string | undefined },
): Errors {
  if (limit === undefined) {
    if (isOvercommitAllowed(name)) return []
    const detail = 'Limit must be set for non overcommitable resources'
    return [requiredValue(`${path}.limits`, detail)]
  }
  const [request, ceiling] = [parseQuantity(amount), parseQuantity(limit)]
  const order = compareQuantities(request, ceiling)
  const isExact = !isOvercommitAllowed(name)
  if (order === 0 || (order < 0 && !isExact)) return []
  const relation = isExact ? 'equal to' : 'less than or equal to'
  const detail = `must be ${relation} ${name} limit of ${formatQuantity(ceiling)}`
  return [invalidValue(`${path}.requests`, formatQuantity(request), detail)]
}

const wholeNumber = 'must be an integer'

/** An amount of a quota: never negative, whole where objects are counted. */
export function validateQuotaAmount(name: string, amount: string, path: string): Errors {
  const quantity = parseQuantity(amount)
  const isWhole = [...countedObjects, 'pods'].includes(name)
  const errors = validateNonNegativeQuantity(amount, path)
  if (!isWhole || quantity.nanos % 1_000_000_000n === 0n) return errors
  return [...errors, invalidValue(path, formatQuantity(quantity), wholeNumber)]
}

/** What a quota can limit: `storage` is of claims alone. */
export function isQuotaResource(name: string): boolean {
  return (name !== 'storage' && isStandardResource(name)) || name.startsWith('requests.hugepages-')
}
