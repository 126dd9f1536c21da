import type { Clock, Timer } from '../base/clock.ts'

const backoffMsMin = 5
const backoffMsMax = 1_000_000

interface Delayed {
  readonly dueMs: number
  readonly timer: Timer
}

/**
 * Keys that wait for a pass, each at most once. A key that is added while it is being processed
 * waits until that pass is done; so two passes of one key never overlap, and no add is lost. FIFO
 * among the keys that are ready.
 */
export class WorkQueue {
  readonly #clock: Clock
  readonly #onReady: () => void
  /** In order of arrival; disjoint from `#processing`. */
  readonly #ready = new Set<string>()
  readonly #processing = new Set<string>()
  /** Added during their pass. */
  readonly #again = new Set<string>()
  readonly #delayed = new Map<string, Delayed>()
  readonly #failures = new Map<string, number>()
  #stopped = false

  /** `onReady` is called synchronously whenever `take` has something new to give. */
  constructor(clock: Clock, onReady: () => void = () => {}) {
    this.#clock = clock
    this.#onReady = onReady
  }

  /**
   * Of several delayed adds of a key the earliest wins; an add without delay does not cancel a
   * delayed one.
   */
  add(key: string, afterMs = 0): void {
    if (this.#stopped) return
    if (afterMs > 0) this.#addLater(key, afterMs)
    else this.#addNow(key)
  }

  /**
   * Adds after 5 ms * 2^n, at most 1000 s, where n counts the calls since the last `forget` (B.1).
   */
  addRateLimited(key: string): void {
    const failures = this.failures(key)
    this.#failures.set(key, failures + 1)
    this.add(key, Math.min(backoffMsMin * 2 ** failures, backoffMsMax))
  }

  /** Rate-limited adds since the last `forget`. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0
  }

  forget(key: string): void {
    this.#failures.delete(key)
  }

  /** The next key, now being processed: its pass must end with `done`. */
  take(): string | undefined {
    for (const key of this.#ready) {
      this.#ready.delete(key)
      this.#processing.add(key)
      return key
    }
    return undefined
  }

  done(key: string): void {
    this.#processing.delete(key)
    if (this.#again.delete(key)) this.#addNow(key)
  }

  /** Drops everything that waits, and ignores what comes later. */
  stop(): void {
    this.#stopped = true
    for (const { timer } of this.#delayed.values()) timer.cancel()
    for (const keys of [this.#delayed, this.#ready, this.#again, this.#failures]) keys.clear()
  }

  #addNow(key: string): void {
    if (this.#processing.has(key)) {
      this.#again.add(key)
    } else if (!this.#ready.has(key)) {
      this.#ready.add(key)
      this.#onReady()
    }
  }

  #addLater(key: string, afterMs: number): void {
    const dueMs = this.#clock.monotonic() + afterMs
    const existing = this.#delayed.get(key)
    if (existing && existing.dueMs <= dueMs) return
    existing?.timer.cancel()
    const fire = () => {
      this.#delayed.delete(key)
      this.#addNow(key)
    }
    this.#delayed.set(key, { dueMs, timer: this.#clock.setTimeout(fire, afterMs) })
  }
}
