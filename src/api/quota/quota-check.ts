import type { Pod, ResourceQuota } from '../generated/types.ts'
import type { KubeObject } from '../object.ts'
import { compareQuantities } from '../quantity.ts'
import type { Resource } from '../resource.ts'
import { pods } from '../scheme.ts'
import { type Amounts, addAmounts, parseAmounts } from './amounts.ts'
import { computeNames } from './object-usage.ts'
import { isInScope } from './quota-scopes.ts'
import { amountsText, limitedNames, usedOf } from './quota-usage.ts'

/** What a container must say where a quota limits it. */
const mustBeSaid = [
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]

export interface Charge {
  readonly resource: Resource
  readonly object: KubeObject
  /** What the write takes beyond what the object took before. */
  readonly added: Amounts
  /** The objects of the resource in the namespace, without what this write adds. */
  readonly present: readonly KubeObject[]
}

/** Which amounts a limited pod leaves open: `limits.cpu for: app; requests.cpu for: app`. */
function unsaid({ spec }: Pod, names: readonly string[]): string {
  const demanded = mustBeSaid.filter((name) => names.includes(name))
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
  const missing = demanded.map((name) => {
    const silent = containers.filter(
      ({ resources }) =>
        !computeNames(parseAmounts(resources?.requests), parseAmounts(resources?.limits)).has(name),
    )
    return [name, silent.map((container) => container.name).sort()] as const
  })
  return missing
    .filter(([, silent]) => silent.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, silent]) => `${name} for: ${silent.join(',')}`)
    .join('; ')
}

/** Why a quota does not let a write through, in upstream's words; undefined if it does. */
export function quotaRefusal(
  { metadata, spec = {} }: ResourceQuota,
  { resource, object, added, present }: Charge,
  nowMs: number,
): string | undefined {
  if (!isInScope(spec, resource, object)) return undefined
  const names = limitedNames(spec)
  const open = resource === pods ? unsaid(object as Pod, names) : ''
  if (open !== '') return `failed quota: ${metadata.name}: must specify ${open}`
  const requested = new Map([...added].filter(([name]) => names.includes(name)))
  if (requested.size === 0) return undefined
  const used = usedOf(spec, { resource, objects: present }, nowMs)
  const hard = parseAmounts(spec.hard)
  const exceeded = [...addAmounts(used, requested)].flatMap(([name, sum]) => {
    const limit = hard.get(name)
    return requested.has(name) && limit && compareQuantities(sum, limit) > 0 ? [name] : []
  })
  if (exceeded.length === 0) return undefined
  const only = (amounts: Amounts) =>
    amountsText(new Map([...amounts].filter(([name]) => exceeded.includes(name))))
  return `exceeded quota: ${metadata.name}, requested: ${only(requested)}, used: ${only(used)}, limited: ${only(hard)}`
}
