import type { Clock, Timer } from '../../../base/clock.ts'
import type { ContainerRecord, ContainerSpec, ContainerState } from '../../runtime.ts'
import type { ImageBehaviour } from './behaviour.ts'

const exitCodeKilled = 137
const exitCodeTerminated = 143

export interface SimulatedContainerOptions {
  readonly clock: Clock
  readonly spec: ContainerSpec
  readonly identity: Pick<ContainerRecord, 'containerId' | 'imageId'>
  readonly behaviour: ImageBehaviour
  readonly onExit: (record: ContainerRecord) => void
}

/** A container that does nothing but follow its image's script on the clock. */
export class SimulatedContainer {
  readonly #options: SimulatedContainerOptions
  readonly #ended: Promise<void>
  #resolveEnded: () => void = () => {}
  #state: ContainerState
  #exitTimer: Timer | undefined
  #endAtMs = Number.POSITIVE_INFINITY

  constructor(options: SimulatedContainerOptions) {
    this.#options = options
    this.#state = { phase: 'running', startedAtMs: options.clock.now() }
    this.#ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    const { exitAfterMs, exitCode } = options.behaviour
    if (exitAfterMs !== undefined) this.#endIn(exitAfterMs, exitCode ?? 0)
  }

  get isRunning(): boolean {
    return this.#state.phase === 'running'
  }

  /** Resolves when it has ended. */
  get ended(): Promise<void> {
    return this.#ended
  }

  record(): ContainerRecord {
    const { podUid, container, restart, image } = this.#options.spec
    const { containerId, imageId } = this.#options.identity
    return { podUid, container, restart, image, imageId, containerId, state: this.#state }
  }

  stop(graceMs: number): Promise<void> {
    const stopAfterMs = this.#options.behaviour.stopAfterMs ?? 0
    const obeys = graceMs > 0 && stopAfterMs <= graceMs
    const delayMs = obeys ? stopAfterMs : graceMs
    const exitCode = obeys ? exitCodeTerminated : exitCodeKilled
    if (delayMs === 0) this.#end(exitCode)
    else this.#endIn(delayMs, exitCode)
    return this.#ended
  }

  /** Of several ends the earliest happens. */
  #endIn(delayMs: number, exitCode: number): void {
    const { clock } = this.#options
    const endAtMs = clock.now() + delayMs
    if (endAtMs >= this.#endAtMs) return
    this.#endAtMs = endAtMs
    this.#exitTimer?.cancel()
    this.#exitTimer = clock.setTimeout(() => this.#end(exitCode), delayMs)
  }

  #end(exitCode: number): void {
    if (!this.isRunning) return
    this.#exitTimer?.cancel()
    this.#state = {
      phase: 'exited',
      startedAtMs: this.#state.startedAtMs,
      finishedAtMs: this.#options.clock.now(),
      exitCode,
      signal: undefined,
    }
    this.#resolveEnded()
    this.#options.onExit(this.record())
  }
}
