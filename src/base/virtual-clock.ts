import type { Clock, Timer } from './clock.ts'

interface Scheduled {
  readonly dueMs: number
  readonly order: number
  readonly callback: () => void
}

/** A clock that moves only when told: ties fire in the order they were scheduled. */
export class VirtualClock implements Clock {
  #nowMs: number
  #order = 0
  readonly #scheduled = new Set<Scheduled>()

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  monotonic(): number {
    return this.#nowMs
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const entry = { dueMs: this.#nowMs + Math.max(delayMs, 0), order: this.#order++, callback }
    this.#scheduled.add(entry)
    return { cancel: () => this.#scheduled.delete(entry) }
  }

  /** Milliseconds until the next timer is due; undefined when none is waiting. */
  nextDelayMs(): number | undefined {
    const next = this.#next()
    return next && next.dueMs - this.#nowMs
  }

  /** Fires the next timer, moving time to it. False when none is waiting. */
  step(): boolean {
    const next = this.#next()
    if (!next) return false
    this.#scheduled.delete(next)
    this.#nowMs = Math.max(this.#nowMs, next.dueMs)
    next.callback()
    return true
  }

  /** Moves time by `durationMs`, firing what falls due; promises settle between two timers. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs
    await settled()
    for (let next = this.#next(); next && next.dueMs <= untilMs; next = this.#next()) {
      this.step()
      await settled()
    }
    this.#nowMs = untilMs
  }

  #next(): Scheduled | undefined {
    let first: Scheduled | undefined
    for (const entry of this.#scheduled) {
      if (
        !first ||
        entry.dueMs < first.dueMs ||
        (entry.dueMs === first.dueMs && entry.order < first.order)
      ) {
        first = entry
      }
    }
    return first
  }
}

/** Resolves when the chains of promises that were ready have run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
