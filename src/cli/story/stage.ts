import { type Clock, sleep } from '../../base/clock.ts'
import type { LivePicture } from '../picture/live-picture.ts'
import type { Picture } from '../picture/picture.ts'
import { type Outcome, runCommand, typed, type Words } from './command.ts'
import type { Load } from './load.ts'
import type { Scene } from './scene.ts'
import { Interrupted, StepFailed } from './story-error.ts'
import type { Witness } from './witness.ts'

export interface StageParts {
  readonly scene: Scene
  readonly apiUrl: string
  readonly clock: Clock
  /** When the engine was started, by the monotonic clock. */
  readonly startedMs: number
  readonly live: LivePicture
  readonly witness: Witness
  readonly load: Load
  /** Whether the Service's port is open. */
  readonly isServed: () => boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts when the user wants to leave. */
  readonly signal: AbortSignal
}

const pollMs = 20
const patienceMs = 30_000

/** A running cluster with a reader in front of it: what the steps of the story work with. */
export class Stage {
  readonly #parts: StageParts

  constructor(parts: StageParts) {
    this.#parts = parts
  }

  get scene(): Scene {
    return this.#parts.scene
  }

  get apiUrl(): string {
    return this.#parts.apiUrl
  }

  get load(): Load {
    return this.#parts.load
  }

  get witness(): Witness {
    return this.#parts.witness
  }

  get isServed(): boolean {
    return this.#parts.isServed()
  }

  /** Milliseconds since the engine was started. */
  get elapsedMs(): number {
    return this.#parts.clock.monotonic() - this.#parts.startedMs
  }

  /** What the reader sees. */
  get picture(): Picture | undefined {
    return this.#parts.live.shown
  }

  /** Tells the reader, beside the picture. */
  say(...lines: readonly string[]): void {
    this.#parts.live.print(...lines.map((line) => (line === '' ? '' : `  ${line}`)))
  }

  /**
   * Shows the command and its warnings, and returns what it printed; StepFailed unless it succeeds.
   */
  async run(words: Words): Promise<Outcome> {
    const { scene, clock, signal, env } = this.#parts
    this.say(`$ ${typed(words)}`)
    const around = { clock, signal, cwd: process.cwd() }
    const outcome = await runCommand(words, {
      ...around,
      env: { ...env, KUBECONFIG: scene.kubeconfig, ASTERN_HOME: scene.dataDir },
    })
    if (signal.aborted) throw new Interrupted()
    const complaint = outcome.stderr.trimEnd()
    if (outcome.code !== 0) {
      throw new StepFailed(`"${typed(words)}" ended with ${outcome.code}: ${complaint}`)
    }
    if (complaint !== '') this.say(...complaint.split('\n'))
    return outcome
  }

  /** Resolves when it is so; StepFailed when it is not in time. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    if (await this.waitFor(isSo, patienceMs)) return
    throw new StepFailed(`not within ${patienceMs / 1000} s: ${what}`)
  }

  /** Whether it was so within `timeoutMs`. */
  async waitFor(isSo: () => boolean, timeoutMs: number): Promise<boolean> {
    const { clock, signal } = this.#parts
    const giveUpMs = clock.monotonic() + timeoutMs
    while (!isSo()) {
      if (signal.aborted) throw new Interrupted()
      if (clock.monotonic() >= giveUpMs) return false
      await sleep(clock, pollMs, signal)
    }
    return true
  }
}
