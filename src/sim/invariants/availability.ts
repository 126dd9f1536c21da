import type { Deployment, Pod, StatefulSet } from '../../api/generated/types.ts'
import { isTerminating, type KubeObject } from '../../api/object.ts'
import { expectedMaxTotal, expectedMinAvailable } from '../expected-limits.ts'
import { RecentValues } from '../recent-values.ts'
import { isWorkload, uidOf, type Workload, type World } from '../world.ts'
import type { Invariant } from './invariant.ts'

/**
 * No step of a rollout takes the available pods below what the strategy allows (B-38, D-16, D-34).
 * What never was so much, or has sunk by a fault, need not be there: a step is compared with the
 * least that was due within the time that caches may be behind, less one for each pod that a fault
 * or an operator has touched meanwhile.
 */
export function availability(world: World): Invariant {
  const trackers = new Map<string, Tracker>()
  const trackerOf = (workload: Workload) => {
    const uid = uidOf(workload)
    const tracker = trackers.get(uid) ?? new Tracker(world)
    trackers.set(uid, tracker)
    return tracker
  }
  return {
    name: 'availability',
    check({ kind, previous, next }) {
      if (isWorkload(next)) trackerOf(next).note(next)
      else if (isWorkload(previous)) trackers.delete(uidOf(previous))
      if (kind !== 'Pod') return undefined
      const pod = (next ?? previous) as Pod
      const workload = world.workloadOf(pod) ?? (previous && world.workloadOf(previous))
      // Whoever deletes a workload wants its pods gone, or nobody's.
      if (!workload || isTerminating(workload)) return undefined
      const tracker = trackerOf(workload)
      const hasGone = previous && !isTerminating(previous) && (!next || isTerminating(next))
      const broken = hasGone ? tracker.check(workload, previous as Pod) : undefined
      // One that is no longer ready is still there: no step has taken it away, but itself.
      if (previous && !hasGone) tracker.follow(workload, previous as Pod, pod)
      tracker.note(workload)
      return broken
    },
  }
}

class Tracker {
  readonly #world: World
  readonly #sizes: RecentValues<number>
  /** When a pod became available, by uid. */
  readonly #roseMs = new Map<string, number>()
  /** Available pods, as far as they are due. */
  readonly #due: RecentValues<number>

  constructor(world: World) {
    this.#world = world
    this.#due = new RecentValues(world.stalenessMs)
    this.#sizes = new RecentValues(world.stalenessMs)
  }

  note(workload: Workload): void {
    this.#note(workload, this.#world.podsOf(workload))
  }

  /** After a pod has gone. */
  check(workload: Workload, pod: Pod): string | undefined {
    const left = this.#world.podsOf(workload).filter((each) => uidOf(each) !== uidOf(pod))
    // As it was just before: pods become available, and the clock is set, without a write.
    this.#note(workload, [...left, pod])
    const floor = Math.min(...this.#due.within(this.#nowMs))
    const available = this.#available(workload, left)
    const wasAvailable = this.#isAvailable(workload, pod)
    if (!wasAvailable || available >= floor || this.#world.hasJumped) return undefined
    if (this.#isShrinking(workload) || this.#hasJustRisen(pod)) return undefined
    if (workload.kind === 'DaemonSet' && this.#seemsYounger(pod, left)) return undefined
    const excused = this.#excused(workload).size
    // Of two that are ready, one not for long enough, either may go (C-08).
    const ready = left.filter(isReady).length
    if (Math.max(available, ready) >= floor - excused) return undefined
    const name = `${workload.kind} ${workload.metadata.name}`
    return `${name} has ${available} available pods after ${pod.metadata.name} has gone; ${floor} are due, ${excused} excused`
  }

  /**
   * Scaling down takes from all ReplicaSets in proportion, whoever is available (B-44); so does a
   * pause, when they want more than is allowed now (B-48).
   */
  #isShrinking(workload: Workload): boolean {
    const size = sizeOf(workload)
    const isPaused = (workload as Deployment).spec?.paused === true
    return isPaused || this.#sizes.within(this.#nowMs).some((former) => former > size)
  }

  /** A pod that has sunk by itself is excused; one that has risen may still be taken for down. */
  follow(workload: Workload, previous: Pod, next: Pod): void {
    const was = this.#isAvailable(workload, previous)
    const is = this.#isAvailable(workload, next)
    if (is && !was) this.#roseMs.set(uidOf(next), this.#nowMs)
    const seemed = isReady(next) ? was : this.#seemsAvailable(workload, previous)
    if (is || !seemed) return
    this.#world.excuses.add(uidOf(workload), uidOf(next), { atMs: this.#nowMs })
  }

  /**
   * Available, or still so for a cache that is behind: that shows a pod as ready which is not any
   * more, and so for longer and longer, until it has been for `minReadySeconds` (B-59).
   */
  #seemsAvailable(workload: Workload, pod: Pod): boolean {
    return isReady(pod) && this.#availableInMs(workload, pod) <= this.#world.stalenessMs
  }

  /**
   * Of two old ones on a node the older stays, whether or not it is available (D-35). By a clock
   * that was set back meanwhile that may be the one that came later.
   */
  #seemsYounger({ metadata, spec }: Pod, others: readonly Pod[]): boolean {
    const createdMs = (each: Pick<Pod, 'metadata'>) =>
      Date.parse(each.metadata.creationTimestamp ?? '')
    const here = others.filter((each) => each.spec?.nodeName === spec?.nodeName)
    return (
      this.#world.setBackMs > 0 && here.some((each) => createdMs(each) < createdMs({ metadata }))
    )
  }

  #hasJustRisen(pod: Pod): boolean {
    const roseMs = this.#roseMs.get(uidOf(pod)) ?? Number.NEGATIVE_INFINITY
    return roseMs > this.#nowMs - this.#world.stalenessMs
  }

  #note(workload: Workload, pods: readonly Pod[]): void {
    const nodes = this.#nodesWanting(pods)
    this.#sizes.set(this.#nowMs, sizeOf(workload))
    const available = this.#available(workload, pods)
    const due = expectedMinAvailable(workload, nodes)
    // A DaemonSet replaces old pods that are down on top of what it may take away (D-34).
    const down = workload.kind === 'DaemonSet' ? nodesOf(pods).size - available : 0
    this.#due.set(this.#nowMs, Math.min(due - down, available))
  }

  /** A DaemonSet makes no pod on a node that is not heard of; what is there may stay (D-31). */
  #nodesWanting(pods: readonly Pod[]): number {
    const here = nodesOf(pods)
    const { excuses } = this.#world
    return this.#world.all('Node').filter(({ metadata: { name } }) => {
      return here.has(name) || !excuses.isNodeExcused(name, this.#nowMs)
    }).length
  }

  /** Pods, or for a DaemonSet nodes with a pod. */
  #available(workload: Workload, pods: readonly Pod[]): number {
    const available = pods.filter((pod) => this.#isAvailable(workload, pod))
    return workload.kind === 'DaemonSet' ? nodesOf(available).size : available.length
  }

  get #nowMs(): number {
    return this.#world.clock.monotonic()
  }

  #isAvailable(workload: Workload, pod: Pod): boolean {
    return isReady(pod) && this.#availableInMs(workload, pod) <= 0
  }

  /** From now, by the clock on the wall, if it stays ready. */
  #availableInMs({ spec }: Workload, pod: Pod): number {
    const minReadyMs = (spec?.minReadySeconds ?? 0) * 1000
    if (minReadyMs === 0) return 0
    const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready')
    return Date.parse(ready?.lastTransitionTime ?? '') + minReadyMs - this.#world.clock.now()
  }

  #excused(workload: Workload): ReadonlySet<string> {
    const { excuses } = this.#world
    const onLostNodes = this.#world
      .podsOf(workload)
      .filter(({ spec }) => excuses.isNodeExcused(spec?.nodeName, this.#nowMs))
      .map((pod: KubeObject) => uidOf(pod))
    return new Set([...excuses.of(uidOf(workload), this.#nowMs), ...onLostNodes])
  }
}

function nodesOf(pods: readonly Pod[]): ReadonlySet<string | undefined> {
  return new Set(pods.map(({ spec }) => spec?.nodeName))
}

function sizeOf(workload: Workload): number {
  if (workload.kind === 'Deployment') return expectedMaxTotal(workload as Deployment)
  return (workload as StatefulSet).spec?.replicas ?? 0
}

function isReady({ metadata, status }: Pod): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  const isLeaving = metadata.deletionTimestamp !== undefined
  return ready?.status === 'True' && status?.phase === 'Running' && !isLeaving
}
