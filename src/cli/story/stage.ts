import { type Clock, sleep } from '../../base/clock.ts'
import type { LivePicture } from '../picture/live-picture.ts'
import type { Picture } from '../picture/picture.ts'
import { type Outcome, runCommand, typed, type Words } from './command.ts'
import type { Load } from './load.ts'
import type { Person, Scene } from './scene.ts'
import { Interrupted, StepFailed } from './story-error.ts'
import type { Witness } from './witness.ts'

export interface StageParts {
  readonly scene: Scene
  readonly clock: Clock
  /** When the story began, by the monotonic clock. */
  readonly startedMs: number
  readonly live: LivePicture
  readonly witness: Witness
  readonly load: Load
  /** Aborts when the user wants to leave. */
  readonly signal: AbortSignal
}

type Condition = () => boolean | Promise<boolean>

const pollMs = 20

/** A running cluster with a reader in front of it: what the steps of the story work with. */
export class Stage {
  readonly #parts: StageParts

  constructor(parts: StageParts) {
    this.#parts = parts
  }

  get scene(): Scene {
    return this.#parts.scene
  }

  get load(): Load {
    return this.#parts.load
  }

  get witness(): Witness {
    return this.#parts.witness
  }

  /** Milliseconds since the story began. */
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
   * Shows the command and its warnings, runs it in somebody's work tree, and returns what it
   * printed; StepFailed unless it succeeds.
   */
  async run(words: Words, by: Person = 'you'): Promise<Outcome> {
    const { scene, clock, signal } = this.#parts
    this.say(`${by === 'you' ? '' : by}$ ${typed(words)}`)
    const cwd = scene.workTrees[by]
    const outcome = await runCommand(words, { clock, signal, cwd, env: scene.env })
    if (signal.aborted) throw new Interrupted()
    const complaint = outcome.stderr.trimEnd()
    if (outcome.code !== 0) {
      throw new StepFailed(`"${typed(words)}" ended with ${outcome.code}: ${complaint}`)
    }
    if (complaint !== '') this.say(...complaint.split('\n'))
    return outcome
  }

  /** Resolves when it is so; StepFailed when it is not in time. */
  async until(what: string, isSo: Condition): Promise<void> {
    const { patienceMs } = this.scene
    if (await this.waitFor(isSo, patienceMs)) return
    throw new StepFailed(`not within ${patienceMs / 1000} s: ${what}`)
  }

  /** Whether it was so within `timeoutMs`. */
  async waitFor(isSo: Condition, timeoutMs: number): Promise<boolean> {
    const { clock, signal } = this.#parts
    const giveUpMs = clock.monotonic() + timeoutMs
    while (!(await isSo())) {
      if (signal.aborted) throw new Interrupted()
      if (clock.monotonic() >= giveUpMs) return false
      await sleep(clock, pollMs, signal)
    }
    return true
  }
}
