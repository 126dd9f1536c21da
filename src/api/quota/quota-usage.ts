import type { ResourceQuota, ResourceQuotaSpec, ResourceQuotaStatus } from '../generated/types.ts'
import type { KubeObject } from '../object.ts'
import { formatQuantity, type Quantity } from '../quantity.ts'
import type { Resource } from '../resource.ts'
import { type Amounts, addAmounts, count, formatAmounts } from './amounts.ts'
import { resourceCountedAs, usageOf } from './object-usage.ts'
import { isInScope } from './quota-scopes.ts'

/** The objects of one resource in the quota's namespace. */
export type ObjectsOf = (resource: Resource) => readonly KubeObject[]

export function limitedNames({ hard = {} }: ResourceQuotaSpec): readonly string[] {
  return Object.keys(hard)
}

export interface Counted {
  readonly resource: Resource
  readonly objects: readonly KubeObject[]
}

/** What the objects of one resource take of a quota, of all names that are about that resource. */
export function usedOf(
  spec: ResourceQuotaSpec,
  { resource, objects }: Counted,
  nowMs: number,
): Amounts {
  const used = new Map<string, Quantity>()
  for (const name of limitedNames(spec)) {
    if (resourceCountedAs(name) === resource) used.set(name, count(0))
  }
  let sum: Amounts = used
  for (const object of objects) {
    if (!isInScope(spec, resource, object)) continue
    const usage = [...usageOf(resource, object, nowMs)].filter(([name]) => used.has(name))
    sum = addAmounts(sum, new Map(usage))
  }
  return sum
}

/** The status of a quota: what it limits, and what there is of that now. */
export function quotaStatus(
  { spec = {} }: ResourceQuota,
  objectsOf: ObjectsOf,
  nowMs: number,
): ResourceQuotaStatus {
  const counted = new Set(limitedNames(spec).map(resourceCountedAs))
  let used: Amounts = new Map()
  for (const resource of counted) {
    if (resource)
      used = addAmounts(used, usedOf(spec, { resource, objects: objectsOf(resource) }, nowMs))
  }
  return {
    ...(spec.hard && { hard: spec.hard }),
    ...(used.size > 0 && { used: formatAmounts(used) }),
  }
}

/** `pods=3,requests.cpu=1`, by name. */
export function amountsText(amounts: Amounts): string {
  return [...amounts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, quantity]) => `${name}=${formatQuantity(quantity)}`)
    .join(',')
}
