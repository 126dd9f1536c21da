import type { Lease, OwnerReference } from '../api/generated/types.ts'
import { leases } from '../api/scheme.ts'
import { isStatusError } from '../api/status-error.ts'
import type { Transport } from '../api/transport.ts'
import { microTimestamp } from '../base/clock.ts'
import type { Context } from '../base/context.ts'

export interface LeaseOptions {
  readonly transport: Transport
  readonly namespace: string
  readonly name: string
  /** Who holds it, unique among those who compete. */
  readonly holder: string
  /** After this long without a renewal others may take it. */
  readonly durationSeconds: number
  /** Set when the Lease is created: for a node's heartbeat, its Node. */
  readonly owner?: OwnerReference
}

/**
 * One holder's view of a coordination Lease: a heartbeat, or an election when several compete.
 * Whether another's hold has expired is measured by this clock, from when its last renewal was
 * first seen: the holder's clock may be wrong.
 */
export class LeaseHold {
  readonly #context: Context
  readonly #options: LeaseOptions
  #seen: Lease | undefined
  #seenMs = 0

  constructor(context: Context, options: LeaseOptions) {
    this.#context = context
    this.#options = options
  }

  /**
   * Takes the Lease when it is free, expired or already ours. False when another holds it. Rejects
   * when the API fails.
   */
  async acquire(): Promise<boolean> {
    const lease = await this.#read()
    if (!lease) return this.#create()
    return this.#isFree(lease) && this.#write(lease)
  }

  /** Extends a hold. False when it is lost: it never takes the Lease from another. */
  async renew(): Promise<boolean> {
    const { holder } = this.#options
    // What was last written is usually current: a heartbeat is one request, and a conflict tells
    // when it is not.
    const cached = this.#seen
    if (cached?.spec?.holderIdentity === holder && (await this.#write(cached))) return true
    const lease = await this.#read()
    return lease?.spec?.holderIdentity === holder && this.#write(lease)
  }

  /** Lets others take it at once. Nothing happens when it is not ours. */
  async release(): Promise<void> {
    const lease = await this.#read()
    if (lease?.spec?.holderIdentity !== this.#options.holder) return
    const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 }
    await this.#update({ ...lease, spec: { ...spec, renewTime: this.#now() } })
  }

  #isFree(lease: Lease): boolean {
    const { holderIdentity, leaseDurationSeconds = 0 } = lease.spec ?? {}
    if (!holderIdentity || holderIdentity === this.#options.holder) return true
    return this.#context.clock.monotonic() - this.#seenMs > leaseDurationSeconds * 1000
  }

  #now(): string {
    return microTimestamp(this.#context.clock.now())
  }

  async #read(): Promise<Lease | undefined> {
    const { transport, namespace, name } = this.#options
    try {
      return this.#remember(await transport.get(leases, { namespace, name }))
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined
      throw error
    }
  }

  async #create(): Promise<boolean> {
    const { transport, namespace, name, owner } = this.#options
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace, name, ...(owner && { ownerReferences: [owner] }) },
      spec: { ...this.#held(), leaseTransitions: 0 },
    }
    return this.#try('AlreadyExists', () => transport.create(leases, { namespace }, lease))
  }

  #write(lease: Lease): Promise<boolean> {
    const isOurs = lease.spec?.holderIdentity === this.#options.holder
    const { acquireTime, leaseTransitions = 0 } = lease.spec ?? {}
    const since = isOurs ? { acquireTime } : { leaseTransitions: leaseTransitions + 1 }
    return this.#update({ ...lease, spec: { ...lease.spec, ...this.#held(), ...since } })
  }

  #held() {
    const now = this.#now()
    const { holder, durationSeconds } = this.#options
    return {
      holderIdentity: holder,
      leaseDurationSeconds: durationSeconds,
      acquireTime: now,
      renewTime: now,
    }
  }

  #update(lease: Lease): Promise<boolean> {
    const { transport, namespace, name } = this.#options
    return this.#try('Conflict', () => transport.update(leases, { namespace, name }, lease))
  }

  /** False when another was faster, or the Lease is gone. */
  async #try(lost: 'Conflict' | 'AlreadyExists', write: () => Promise<Lease>): Promise<boolean> {
    try {
      this.#remember(await write())
      return true
    } catch (error) {
      if (!isStatusError(error, lost) && !isStatusError(error, 'NotFound')) throw error
      this.#seen = undefined
      return false
    }
  }

  #remember(lease: Lease): Lease {
    const hasChanged = this.#seen?.metadata.resourceVersion !== lease.metadata.resourceVersion
    if (hasChanged) this.#seenMs = this.#context.clock.monotonic()
    this.#seen = lease
    return lease
  }
}
