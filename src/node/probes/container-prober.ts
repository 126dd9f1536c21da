import type { Probe } from '../../api/generated/types.ts'
import type { Clock } from '../../base/clock.ts'
import type { ProbeOutcome, ProbeRunner, ProbeTarget } from './probe.ts'
import { ProbeLoop } from './probe-loop.ts'

export interface ContainerProberOptions {
  readonly clock: Clock
  readonly target: ProbeTarget
  readonly startedAtMs: number
  /** What was known of this very attempt before: an adopted container does not lose its traffic. */
  readonly known?: { readonly started: boolean; readonly ready: boolean } | undefined
  readonly run: ProbeRunner
  /** `started` or `ready` has changed. */
  readonly onChange: () => void
  /** The container is to be killed (F-08). */
  readonly onUnhealthy: (type: 'Liveness' | 'Startup', probe: Probe) => void
  /** `TYPE probe failed: OUTPUT`, for an Event with reason Unhealthy (F-09). */
  readonly onFailure: (text: string) => void
}

type ProbeType = 'Startup' | 'Readiness' | 'Liveness'

/**
 * The three probes of one container attempt. While the startup probe has not passed, only it runs;
 * once passed, it never runs again (F-06). Without a startup probe the container is started when it
 * runs, without a readiness probe ready when started (F-07).
 */
export class ContainerProber {
  readonly #options: ContainerProberOptions
  #loops: ProbeLoop[] = []
  #started = false
  #ready = false
  #unhealthy = false
  #terminating = false

  constructor(options: ContainerProberOptions) {
    this.#options = options
    const { startupProbe } = options.target.container
    this.#ready = options.known?.ready ?? false
    if (!startupProbe || options.known?.started) this.#begin()
    else this.#loop('Startup', startupProbe)
  }

  get started(): boolean {
    return this.#started
  }

  get ready(): boolean {
    return this.#ready
  }

  /** The pod is being deleted: nothing is asked any more but readiness (F-08). */
  terminating(): void {
    if (this.#terminating) return
    this.#terminating = true
    if (this.#started) this.#watchReadiness()
    else this.stop()
  }

  stop(): void {
    for (const loop of this.#loops) loop.stop()
    this.#loops = []
  }

  #begin(): void {
    this.#started = true
    this.#watchReadiness()
    const { livenessProbe } = this.#options.target.container
    if (livenessProbe) this.#loop('Liveness', livenessProbe)
  }

  /** From here on readiness alone is asked. */
  #watchReadiness(): void {
    this.stop()
    const { readinessProbe } = this.#options.target.container
    if (readinessProbe) this.#loop('Readiness', readinessProbe)
    else this.#ready = true
  }

  #loop(type: ProbeType, probe: Probe): void {
    const { clock, startedAtMs, run, target, onFailure } = this.#options
    const loop = new ProbeLoop({
      clock,
      probe,
      startedAtMs,
      eager: type !== 'Liveness',
      firstFailureMatters: type !== 'Readiness',
      run: () => run(target, probe),
      onVerdict: (succeeded) => this.#verdict(type, probe, succeeded),
      onFailure: (outcome) => onFailure(failureText(type, outcome)),
    })
    this.#loops.push(loop)
  }

  #verdict(type: ProbeType, probe: Probe, succeeded: boolean): void {
    if (type === 'Readiness') {
      if (this.#ready === succeeded) return
      this.#ready = succeeded
      this.#options.onChange()
    } else if (!succeeded) {
      if (this.#unhealthy) return
      this.#unhealthy = true
      this.#options.onUnhealthy(type, probe)
    } else if (type === 'Startup') {
      this.#begin()
      this.#options.onChange()
    }
  }
}

function failureText(type: ProbeType, { result, output }: ProbeOutcome): string {
  return `${type} probe ${result === 'error' ? 'errored' : 'failed'}: ${output}`
}
