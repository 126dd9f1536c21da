import type { Pod } from '../api/generated/types.ts'
import type { TrafficGate } from '../api/seams.ts'
import type { Timer } from '../base/clock.ts'
import type { Context } from '../base/context.ts'

export interface DrainGateOptions {
  readonly context: Context
  /** Whether slices and table, as last published, say that the pod gets no new requests. */
  readonly isLeaving: (pod: Pod) => boolean
  /** Publishes at once what has changed. */
  readonly publish: () => void
}

type Outcome = 'drained' | 'deadline'

interface Waiter {
  readonly pod: Pod
  readonly timer: Timer
  readonly resolve: (outcome: Outcome) => void
  /** The version of the table from which on the pod is left out; undefined while it is not. */
  since: number | undefined
}

/**
 * Holds the end of a pod until the proxy has acknowledged a table without it and has no request
 * of it in flight.
 */
export class DrainGate implements TrafficGate {
  readonly #options: DrainGateOptions
  readonly #waiters = new Set<Waiter>()
  #published = 0
  #acknowledged = 0
  /** Pods that answer requests though they get no new ones. */
  readonly #busy = new Set<string>()

  constructor(options: DrainGateOptions) {
    this.#options = options
  }

  drained(pod: Pod, deadlineMs: number): Promise<Outcome> {
    return new Promise((resolve) => {
      const settle = (outcome: Outcome) => {
        this.#waiters.delete(waiter)
        waiter.timer.cancel()
        resolve(outcome)
      }
      const timer = this.#options.context.clock.setTimeout(() => settle('deadline'), deadlineMs)
      const waiter: Waiter = { pod, timer, resolve: settle, since: undefined }
      this.#waiters.add(waiter)
      this.#options.publish()
      this.#judge(waiter)
    })
  }

  /** Slices and table are at this version, which may be that of before. */
  published(version: number): void {
    this.#published = version
    for (const waiter of this.#waiters) this.#judge(waiter)
  }

  acknowledged(version: number, busy: readonly string[]): void {
    this.#acknowledged = version
    this.#busy.clear()
    for (const podUid of busy) this.#busy.add(podUid)
    for (const waiter of this.#waiters) this.#release(waiter)
  }

  idle(podUid: string): void {
    this.#busy.delete(podUid)
    for (const waiter of this.#waiters) this.#release(waiter)
  }

  /** With the proxy, its requests are gone; nothing is known until the next one answers. */
  lost(): void {
    this.#acknowledged = 0
    this.#busy.clear()
  }

  #judge(waiter: Waiter): void {
    if (!this.#options.isLeaving(waiter.pod)) waiter.since = undefined
    else waiter.since ??= this.#published
    this.#release(waiter)
  }

  #release({ pod, since, resolve }: Waiter): void {
    const isOut = since !== undefined && since > 0 && this.#acknowledged >= since
    if (isOut && !this.#busy.has(pod.metadata.uid ?? '')) resolve('drained')
  }
}
