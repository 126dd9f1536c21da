import type { ResourceQuota } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import { growth } from '../../api/quota/amounts.ts'
import { usageOf } from '../../api/quota/object-usage.ts'
import { quotaRefusal } from '../../api/quota/quota-check.ts'
import type { Resource } from '../../api/resource.ts'
import { persistentVolumeClaims, resourceQuotas, services } from '../../api/scheme.ts'
import { forbidden } from '../../api/status-error.ts'
import type { Clock } from '../../base/clock.ts'
import type { Store } from '../../store/store.ts'
import { collectionPrefix, storeKey } from '../store-keys.ts'

interface Write {
  readonly resource: Resource
  readonly object: KubeObject
  /** What the object was, for an update. */
  readonly old?: KubeObject | undefined
}

interface Reservation {
  readonly key: string
  readonly object: KubeObject
}

const nothing = () => {}

/**
 * Holds writes to the ResourceQuotas of their namespace. What there is is counted in the store
 * itself, together with the writes that are under way, so no count can go stale: two that race for
 * the last place never both get it. Upstream counts in the quota's status, which says the same a
 * moment later.
 */
export class QuotaLedger {
  readonly #store: Store
  readonly #clock: Clock
  readonly #underWay = new Set<Reservation>()

  constructor({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
    this.#store = store
    this.#clock = clock
  }

  /** Throws 403. The place that is returned is to be given back when the write has ended. */
  reserve(write: Write): () => void {
    const { resource, object } = write
    const { namespace, name = '' } = object.metadata
    if (!resource.namespaced || !isHeldToQuotas(write)) return nothing
    const quotas = this.#list(resourceQuotas, namespace) as readonly ResourceQuota[]
    if (quotas.length === 0) return nothing
    this.#check(write, quotas)
    const reservation = { key: storeKey(resource, { namespace, name }), object }
    this.#underWay.add(reservation)
    return () => this.#underWay.delete(reservation)
  }

  #check({ resource, object, old }: Write, quotas: readonly ResourceQuota[]): void {
    const nowMs = this.#clock.now()
    const before = old ? usageOf(resource, old, nowMs) : new Map()
    const added = growth(usageOf(resource, object, nowMs), before)
    if (added.size === 0) return
    const present = this.#present(resource, object.metadata.namespace)
    for (const quota of quotas) {
      const why = quotaRefusal(quota, { resource, object, added, present }, nowMs)
      if (why) throw forbidden(resource, object.metadata.name ?? '', { why })
    }
  }

  /** What is stored, and what is on its way there. */
  #present(resource: Resource, namespace: string | undefined): readonly KubeObject[] {
    const prefix = collectionPrefix(resource, { namespace })
    const present = new Map(
      this.#store.list(prefix).entries.map(({ key, object }) => [key, object as KubeObject]),
    )
    for (const { key, object } of this.#underWay) {
      if (key.startsWith(prefix)) present.set(key, object)
    }
    return [...present.values()]
  }

  #list(resource: Resource, namespace: string | undefined): readonly KubeObject[] {
    const { entries } = this.#store.list(collectionPrefix(resource, { namespace }))
    return entries.map(({ object }) => object as KubeObject)
  }
}

/** All that is created counts; of updates only those that can take more than before. */
function isHeldToQuotas({ resource, old }: Write): boolean {
  if (resource.plural === 'events') return false
  return !old || resource === services || resource === persistentVolumeClaims
}
