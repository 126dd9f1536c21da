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

export function validateNonNegativeQuantity(amount: string, path: string): Errors {
  const quantity = parseQuantity(amount)
  if (quantity.nanos >= 0n) return []
  return [invalidValue(path, formatQuantity(quantity), 'must be greater than or equal to 0')]
}

function validateResourceName(name: string, path: string): Errors {
  const errors = formatted(path, name, qualifiedNameErrors)
  if (errors.length > 0) return errors
  if (!name.includes('/')) {
    if (containerResources.includes(name) || name.startsWith('hugepages-')) return []
    return [
      invalidValue(path, name, 'must be a standard resource type or fully qualified'),
      invalidValue(path, name, 'must be a standard resource for containers'),
    ]
  }
  if (name.includes(namespacedPrefix) || !name.startsWith('requests.')) return []
  return [invalidValue(path, name, "doesn't follow extended resource name standard")]
}

/** Only plain resources may be overcommitted; of others, request and limit are the same. */
function isOvercommitAllowed(name: string): boolean {
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
