import type { DaemonSet, Deployment, Pod, ReplicaSet, StatefulSet } from '../api/generated/types.ts'
import { controllerRef, type KubeObject } from '../api/object.ts'
import type { Clock } from '../base/clock.ts'
import type { StoreEvent } from '../store/store.ts'
import { Excuses } from './excuses.ts'

export type Workload = Deployment | StatefulSet | DaemonSet

/** One revision of the store, as invariants see it. */
export interface Change {
  readonly revision: number
  /** Monotonic. */
  readonly atMs: number
  readonly kind: string
  readonly key: string
  /** Undefined for a creation. */
  readonly previous: KubeObject | undefined
  /** Undefined for a deletion. */
  readonly next: KubeObject | undefined
}

const workloadKinds: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet']
/** Heartbeats, and what is said about objects. */
const untracked: readonly string[] = ['Lease', 'Event']

export function isWorkload(object: KubeObject | undefined): object is Workload {
  return object !== undefined && workloadKinds.includes(object.kind)
}

/** What is so at the newest revision, followed event by event: the truth behind all caches. */
export class World {
  readonly clock: Clock
  readonly stalenessMs: number
  readonly excuses: Excuses
  readonly #byUid = new Map<string, KubeObject>()
  readonly #byKind = new Map<string, Map<string, KubeObject>>()
  readonly #byOwner = new Map<string, Map<string, KubeObject>>()
  /** Nodes that the network separates from the API, since when. */
  readonly #cutOffAtMs = new Map<string, number>()
  readonly #forced = new Set<string>()
  readonly #unheardUntilMs = new Map<string, number>()
  #setBackMs = 0
  #wallJumpedAtMs = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, stalenessMs: number) {
    this.clock = clock
    this.stalenessMs = stalenessMs
    this.excuses = new Excuses(stalenessMs)
  }

  apply(event: StoreEvent): Change {
    const previous = event.previous?.object as KubeObject | undefined
    const object = event.entry.object as KubeObject
    const next = event.type === 'put' ? object : undefined
    if (!untracked.includes(object.kind)) this.#replace(previous, next)
    const { revision, key } = event
    return { revision, key, kind: object.kind, atMs: this.clock.monotonic(), previous, next }
  }

  jumped(byMs: number): void {
    this.#wallJumpedAtMs = this.clock.monotonic()
    this.#setBackMs += Math.max(-byMs, 0)
  }

  /**
   * By how much in all the clock was set back: what waits for a time of day waits so much longer.
   */
  get setBackMs(): number {
    return this.#setBackMs
  }

  /** Whether what depends on wall time may be off, as the clock was set. */
  get hasJumped(): boolean {
    return this.clock.monotonic() < this.#wallJumpedAtMs + this.stalenessMs
  }

  cutOff(node: string): void {
    this.#cutOffAtMs.set(node, this.clock.monotonic())
  }

  reconnected(node: string): void {
    this.#cutOffAtMs.delete(node)
  }

  /** 0 for a node that is not. */
  cutOffForMs(node: string, nowMs: number): number {
    return nowMs - (this.#cutOffAtMs.get(node) ?? nowMs)
  }

  /** This was written, and who wrote it does not hear that for so long. */
  wroteUnheard(uid: string, forMs: number): void {
    this.#unheardUntilMs.set(uid, this.clock.monotonic() + forMs + this.stalenessMs)
  }

  /** Whether its writer may still go by what it was before. */
  isUnheard(uid: string): boolean {
    return (this.#unheardUntilMs.get(uid) ?? 0) > this.clock.monotonic()
  }

  /** Somebody deletes this pod whether or not it still runs. */
  force(uid: string): void {
    this.#forced.add(uid)
  }

  isForced(uid: string): boolean {
    return this.#forced.has(uid)
  }

  byUid(uid: string): KubeObject | undefined {
    return this.#byUid.get(uid)
  }

  /** All of one kind, in the order of their creation. */
  all<T extends KubeObject>(kind: string): readonly T[] {
    return [...(this.#byKind.get(kind)?.values() ?? [])] as KubeObject[] as T[]
  }

  workloads(): readonly Workload[] {
    return workloadKinds.flatMap((kind) => this.all<Workload>(kind))
  }

  /** What an object controls. */
  ownedBy(uid: string): readonly KubeObject[] {
    return [...(this.#byOwner.get(uid)?.values() ?? [])]
  }

  replicaSetsOf(deployment: KubeObject): readonly ReplicaSet[] {
    return this.ownedBy(uidOf(deployment)).filter(isKind<ReplicaSet>('ReplicaSet'))
  }

  /** Of a workload, or of a ReplicaSet. */
  podsOf(owner: KubeObject): readonly Pod[] {
    const owned = this.ownedBy(uidOf(owner))
    if (owner.kind !== 'Deployment') return owned.filter(isKind<Pod>('Pod'))
    return owned.flatMap(({ metadata }) =>
      this.ownedBy(metadata.uid ?? '').filter(isKind<Pod>('Pod')),
    )
  }

  /** Whom a pod works for in the end. */
  workloadOf(pod: KubeObject): Workload | undefined {
    const owner = this.#ownerOf(pod)
    const root = owner?.kind === 'ReplicaSet' ? this.#ownerOf(owner) : owner
    return isWorkload(root) ? root : undefined
  }

  /** A fault, or an operator, does something to this pod; it lasts `forMs`. */
  excuse(pod: KubeObject, forMs = 0): void {
    const workload = this.workloadOf(pod)
    if (!workload) return
    this.excuses.add(uidOf(workload), uidOf(pod), { atMs: this.clock.monotonic(), forMs })
  }

  #ownerOf(object: KubeObject): KubeObject | undefined {
    return this.#byUid.get(controllerRef(object)?.uid ?? '')
  }

  #replace(previous: KubeObject | undefined, next: KubeObject | undefined): void {
    if (previous) {
      this.#byOwner.get(controllerRef(previous)?.uid ?? '')?.delete(uidOf(previous))
      if (!next) {
        this.#byUid.delete(uidOf(previous))
        this.#byKind.get(previous.kind)?.delete(uidOf(previous))
      }
    }
    if (!next) return
    const uid = uidOf(next)
    this.#byUid.set(uid, next)
    const sameKind = this.#byKind.get(next.kind) ?? new Map<string, KubeObject>()
    this.#byKind.set(next.kind, sameKind.set(uid, next))
    const owner = controllerRef(next)?.uid
    if (owner === undefined) return
    const owned = this.#byOwner.get(owner) ?? new Map<string, KubeObject>()
    this.#byOwner.set(owner, owned.set(uid, next))
  }
}

export function uidOf(object: KubeObject): string {
  return object.metadata.uid ?? ''
}

function isKind<T extends KubeObject>(kind: string): (object: KubeObject) => object is T {
  return (object): object is T => object.kind === kind
}
