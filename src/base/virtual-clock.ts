import type { Clock, Timer } from './clock.ts'

interface Scheduled {
  readonly dueMs: number
  readonly order: number
  readonly callback: () => void
  isCancelled: boolean
}

/** A clock that moves only when told: ties fire in the order they were scheduled. */
export class VirtualClock implements Clock {
  /** Of monotonic time, by which timers fire. */
  #monotonicMs: number
  /** What wall time is ahead of monotonic time. */
  #aheadMs = 0
  #order = 0
  /** A binary heap: each entry is due no later than its two children, at 2i+1 and 2i+2. */
  readonly #scheduled: Scheduled[] = []

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#monotonicMs = startMs
  }

  now(): number {
    return this.#monotonicMs + this.#aheadMs
  }

  monotonic(): number {
    return this.#monotonicMs
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const dueMs = this.#monotonicMs + Math.max(delayMs, 0)
    const entry = { dueMs, order: this.#order++, callback, isCancelled: false }
    this.#push(entry)
    return {
      cancel() {
        entry.isCancelled = true
      },
    }
  }

  /** Wall time is set forward, or back, as by an administrator: no timer fires for that. */
  jump(byMs: number): void {
    this.#aheadMs += byMs
  }

  /** Milliseconds until the next timer is due; undefined when none is waiting. */
  nextDelayMs(): number | undefined {
    const next = this.#next()
    return next && next.dueMs - this.#monotonicMs
  }

  /** Fires the next timer, moving time to it. False when none is waiting. */
  step(): boolean {
    const next = this.#next()
    if (!next) return false
    this.#pop()
    this.#monotonicMs = Math.max(this.#monotonicMs, next.dueMs)
    next.callback()
    return true
  }

  /** Moves time by `durationMs`, firing what falls due; promises settle between two timers. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#monotonicMs + durationMs
    await settled()
    for (let next = this.#next(); next && next.dueMs <= untilMs; next = this.#next()) {
      this.step()
      await settled()
    }
    this.#monotonicMs = untilMs
  }

  /** The first that is not cancelled; those before it are forgotten. */
  #next(): Scheduled | undefined {
    while (this.#scheduled[0]?.isCancelled) this.#pop()
    return this.#scheduled[0]
  }

  #push(entry: Scheduled): void {
    const heap = this.#scheduled
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (isBefore(heap[parent] as Scheduled, entry)) break
      heap[at] = heap[parent] as Scheduled
      at = parent
    }
    heap[at] = entry
  }

  #pop(): void {
    const heap = this.#scheduled
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      if (left >= heap.length) break
      const right = left + 1
      const isRight =
        right < heap.length && isBefore(heap[right] as Scheduled, heap[left] as Scheduled)
      const child = isRight ? right : left
      if (isBefore(last, heap[child] as Scheduled)) break
      heap[at] = heap[child] as Scheduled
      at = child
    }
    heap[at] = last
  }
}

function isBefore(a: Scheduled, b: Scheduled): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)
}

/** Resolves when the chains of promises that were ready have run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
