import type { Probe } from '../../api/generated/types.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import type { ProbeOutcome } from './probe.ts'

/**
 * Between the container's start and the first regular success, extra tries at these delays
 * (milliseconds after the initial delay): a program that is ready after 50 ms takes traffic then,
 * not one period later. Only their success counts (docs/decisions/0004-eager-probes.md).
 */
const eagerDelaysMs = [4, 8, 13, 20, 30, 45, 65, 90, 120, 160, 220, 300, 410, 560, 750, 950]

export interface ProbeLoopOptions {
  readonly clock: Clock
  readonly probe: Probe
  /** When the container started, milliseconds since the epoch. */
  readonly startedAtMs: number
  /** Whether tries between the regular ones make sense: readiness and startup, not liveness. */
  readonly eager: boolean
  /**
   * Whether a failure can end the container: then the first regular try comes one period after the
   * initial delay, so that the budget is `failureThreshold` whole periods (F-08). At the very start
   * no program answers yet.
   */
  readonly firstFailureMatters: boolean
  readonly run: () => Promise<ProbeOutcome>
  /**
   * The same outcome came often enough in a row (F-07); called each time the verdict changes or
   * fails again.
   */
  readonly onVerdict: (succeeded: boolean, outcome: ProbeOutcome) => void
  /** One regular try failed: for the Event. */
  readonly onFailure: (outcome: ProbeOutcome) => void
}

/** One probe of one container attempt, asked every `periodSeconds` until stopped (F-06, F-07). */
export class ProbeLoop {
  readonly #options: ProbeLoopOptions
  #next: Timer
  readonly #early: readonly Timer[]
  #stopped = false
  #busy = false
  #hasSucceeded = false
  #last: boolean | undefined
  #inARow = 0

  constructor(options: ProbeLoopOptions) {
    this.#options = options
    const { clock, probe, startedAtMs, eager, firstFailureMatters } = options
    const sinceStartMs = clock.now() - startedAtMs
    const initialMs = (probe.initialDelaySeconds ?? 0) * 1000
    const firstMs = initialMs + (firstFailureMatters ? periodMsOf(probe) : 0)
    this.#next = clock.setTimeout(() => this.#tick(), Math.max(firstMs - sinceStartMs, 0))
    const eagerMs = Math.max(initialMs - sinceStartMs, 0)
    this.#early = (eager ? eagerDelaysMs : []).map((extraMs) =>
      clock.setTimeout(() => this.#tryEarly(), eagerMs + extraMs),
    )
  }

  stop(): void {
    this.#stopped = true
    for (const timer of [this.#next, ...this.#early]) timer.cancel()
  }

  #tick(): void {
    const { clock, probe } = this.#options
    this.#next = clock.setTimeout(() => this.#tick(), periodMsOf(probe))
    void this.#ask((outcome) => this.#count(outcome))
  }

  #endEarlyTries(): void {
    this.#hasSucceeded = true
    for (const timer of this.#early) timer.cancel()
  }

  #tryEarly(): void {
    void this.#ask((outcome) => {
      if (outcome.result === 'success') this.#count(outcome)
    })
  }

  async #ask(take: (outcome: ProbeOutcome) => void): Promise<void> {
    if (this.#busy || this.#stopped) return
    this.#busy = true
    const outcome = await this.#options.run()
    this.#busy = false
    if (!this.#stopped) take(outcome)
  }

  #count(outcome: ProbeOutcome): void {
    const { probe, onVerdict, onFailure } = this.#options
    const succeeded = outcome.result === 'success'
    if (!succeeded) onFailure(outcome)
    this.#inARow = succeeded === this.#last ? this.#inARow + 1 : 1
    this.#last = succeeded
    if (succeeded && !this.#hasSucceeded) this.#endEarlyTries()
    const threshold = succeeded ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3)
    if (this.#inARow >= threshold) onVerdict(succeeded, outcome)
  }
}

function periodMsOf(probe: Probe): number {
  return (probe.periodSeconds ?? 10) * 1000
}
