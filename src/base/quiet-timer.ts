import type { Clock, Timer } from './clock.ts'

export interface QuietTimes {
  /** Milliseconds since the last `touch`. */
  readonly quietMs: number
  /** However much goes on: milliseconds since the first. */
  readonly delayMsMax: number
}

/** Calls `run` when nothing has touched it for a while, and not much later than that. */
export class QuietTimer {
  readonly #clock: Clock
  readonly #times: QuietTimes
  readonly #run: () => void
  #timer: Timer | undefined
  #dueMsMax = 0

  constructor(clock: Clock, times: QuietTimes, run: () => void) {
    this.#clock = clock
    this.#times = times
    this.#run = run
  }

  /** Something has happened. */
  touch(): void {
    const { quietMs, delayMsMax } = this.#times
    const nowMs = this.#clock.monotonic()
    if (this.#timer) this.#timer.cancel()
    else this.#dueMsMax = nowMs + delayMsMax
    const delayMs = Math.max(Math.min(quietMs, this.#dueMsMax - nowMs), 0)
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined
      this.#run()
    }, delayMs)
  }

  /** Until the next `touch`. */
  cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
