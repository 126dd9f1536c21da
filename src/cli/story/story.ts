import pc from 'picocolors'
import { Teardown } from '../../cluster/teardown.ts'
import type { CliIo } from '../io.ts'
import { LivePicture, type PictureIo, renderOptionsOf } from '../picture/live-picture.ts'
import { typed } from './command.ts'
import { findPlace, openEmbedded } from './embedded-scene.ts'
import { faultyVersion, firstAct } from './first-act.ts'
import { type ForeignPlace, openForeign } from './foreign-scene.ts'
import { openStage } from './open-stage.ts'
import { droppedFaults } from './rollout-record.ts'
import type { Scene } from './scene.ts'
import { secondAct } from './second-act.ts'
import type { Stage } from './stage.ts'
import { Interrupted, StepFailed } from './story-error.ts'
import { tallyLines } from './tally.ts'

export interface StoryOptions {
  readonly io: PictureIo
  /** Of the process: for what commands do, and for questions. */
  readonly cli: CliIo
  /** Ends by itself after the last step. */
  readonly isToExit: boolean
  /** Of an engine of the story's own; default: a temporary directory, which goes at the end. */
  readonly dataDir?: string | undefined
  /** Instead of an engine of its own. */
  readonly foreign?: ForeignPlace | undefined
  /** Aborts when the user wants to leave. */
  readonly signal: AbortSignal
}

/** Time to read between two steps, where somebody reads. */
const paceMs = 1_500

/** Tells the story; returns the exit code. Whatever it started has ended by then. */
export async function tellStory(options: StoryOptions): Promise<number> {
  const live = new LivePicture(options.io)
  const teardown = new Teardown()
  const teller = new Teller(options, live)
  let code = await teller.tell(teardown)
  live.close()
  if (options.signal.aborted) live.print('', 'ending the pods, the proxy and the engine')
  try {
    await teardown.run()
  } catch (error) {
    live.print(`not everything has ended: ${(error as Error).message}`)
    code = 1
  }
  return code
}

class Teller {
  readonly #options: StoryOptions
  readonly #live: LivePicture
  readonly #colors: ReturnType<typeof pc.createColors>
  /** What is being done, for the report of a failure. */
  #place: string

  constructor(options: StoryOptions, live: LivePicture) {
    this.#options = options
    this.#live = live
    this.#colors = pc.createColors(renderOptionsOf(options.io).hasColor)
    this.#place = options.foreign ? 'Prepare a namespace' : 'Start an engine'
  }

  async tell(teardown: Teardown): Promise<number> {
    const { signal, isToExit, io } = this.#options
    try {
      const stage = await this.#open(teardown)
      const steps = [...firstAct(stage.scene), ...secondAct(stage.scene)]
      for (const [index, step] of steps.entries()) {
        this.#place = step.name
        this.#announce(`${index + 1}/${steps.length}`)
        await step.run(stage)
        await stage.waitFor(() => false, io.isTerminal ? paceMs : 0)
      }
      this.#place = 'The final tally'
      if (isToExit) await stage.load.stop()
      this.#judge(stage)
      if (!isToExit) await this.#stayUp(stage, signal)
      return 0
    } catch (error) {
      return this.#report(error)
    }
  }

  async #open(teardown: Teardown): Promise<Stage> {
    const { signal } = this.#options
    const startedMs = this.#options.cli.clock.monotonic()
    const scene = await this.#openScene(teardown)
    return openStage({ scene, live: this.#live, teardown, faultyVersion, signal, startedMs })
  }

  async #openScene(teardown: Teardown): Promise<Scene> {
    const { dataDir, foreign, cli } = this.#options
    if (foreign) {
      const scene = await openForeign(foreign, cli, teardown)
      this.#announce('0')
      this.#live.print(`  export ${typed([`KUBECONFIG=${scene.kubeconfig}`])}`)
      this.#live.print('  $ astern record --yes     (beside the cluster, until the end)')
      return scene
    }
    const place = findPlace(dataDir, teardown)
    this.#live.print(typed(['export', `KUBECONFIG=${place.kubeconfig}`]))
    this.#announce('0')
    this.#live.print(`  $ ${typed(['astern', 'up', '--data', place.dataDir])}`)
    return openEmbedded(place, cli.env, teardown)
  }

  #announce(number: string): void {
    const { bold, dim } = this.#colors
    this.#live.print('', `${dim(number)} ${bold(this.#place)}`)
  }

  #judge({ load, elapsedMs }: Stage): void {
    const seconds = Math.round(elapsedMs / 1000)
    this.#live.print('', this.#colors.bold(`The final tally, after ${seconds} s`))
    this.#live.print(...tallyLines(load.tally).map((line) => `  ${line}`))
    const [fault] = droppedFaults(load.tally)
    if (fault !== undefined) throw new StepFailed(fault)
    this.#live.print(this.#colors.green('Every step held, and no request was dropped.'))
  }

  /** What happens now is the reader's doing, and not judged. */
  async #stayUp({ scene, load }: Stage, signal: AbortSignal): Promise<void> {
    const { command } = await scene.reach()
    this.#live.print(
      '',
      this.#colors.bold('It stays up, and so does the traffic, until Ctrl-C. In another terminal:'),
      `  ${typed(['export', `KUBECONFIG=${scene.kubeconfig}`])}`,
      '  kubectl get replicasets                                 the revisions, kept at 0',
      `  cd ${typed([scene.workTrees.you])}`,
      '  astern history deployment/app                           what ran, who did it and why',
      '  astern redo deployment/app --push                       the bad version is back',
      '  astern rollback deployment/app --push                   and gone again',
      `  The Service is at ${command.at(-1)}, the API at ${scene.apiUrl}.`,
      '  Without kubectl: bin/astern takes the same commands.',
    )
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    }
    this.#live.print('', ...tallyLines(load.tally))
  }

  #report(error: unknown): number {
    if (error instanceof Interrupted || this.#options.signal.aborted) return 130
    const { red } = this.#colors
    const why = error instanceof Error ? error.message : String(error)
    this.#live.print('', red(`The story failed at "${this.#place}": ${why}`))
    return 1
  }
}
