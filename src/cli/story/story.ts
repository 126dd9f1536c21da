import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import pc from 'picocolors'
import { dataDirectory } from '../../cluster/data-directory.ts'
import { Teardown } from '../../cluster/teardown.ts'
import { deleteSnapshot } from '../../node/images/snapshot.ts'
import { LivePicture, type PictureIo, renderOptionsOf } from '../picture/live-picture.ts'
import { typed } from './command.ts'
import { freePort } from './free-port.ts'
import { manifestOf } from './manifest.ts'
import { openStage } from './open-stage.ts'
import { droppedFaults } from './rollout-record.ts'
import { findAppDir, type Scene, serviceUrl } from './scene.ts'
import type { Stage } from './stage.ts'
import { faultyVersion, steps } from './steps.ts'
import { Interrupted, StepFailed } from './story-error.ts'
import { tallyLines } from './tally.ts'

export interface StoryOptions {
  readonly io: PictureIo
  /** Ends by itself after the last step. */
  readonly isToExit: boolean
  /** Default: a temporary directory, which goes at the end. */
  readonly dataDir?: string | undefined
  /** Aborts when the user wants to leave. */
  readonly signal: AbortSignal
}

const firstPort = 8080
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
  #place = 'Start an engine'

  constructor(options: StoryOptions, live: LivePicture) {
    this.#options = options
    this.#live = live
    this.#colors = pc.createColors(renderOptionsOf(options.io).hasColor)
  }

  async tell(teardown: Teardown): Promise<number> {
    const { signal, isToExit } = this.#options
    try {
      const scene = await setScene(this.#options.dataDir, teardown)
      this.#live.print(typed(['export', `KUBECONFIG=${scene.kubeconfig}`]))
      this.#announce(1)
      this.#live.print(`  $ ${typed(['astern', 'up', '--data', scene.dataDir])}`)
      const stage = await this.#open(scene, teardown)
      for (const [index, step] of steps.entries()) {
        this.#place = step.name
        this.#announce(index + 2)
        await step.run(stage)
        await stage.waitFor(() => false, this.#options.io.isTerminal ? paceMs : 0)
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

  #open(scene: Scene, teardown: Teardown): Promise<Stage> {
    const { io, signal } = this.#options
    return openStage({ scene, live: this.#live, teardown, faultyVersion, signal, env: io.env })
  }

  #announce(number: number): void {
    const { bold, dim } = this.#colors
    this.#live.print('', `${dim(`${number}/${steps.length + 1}`)} ${bold(this.#place)}`)
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
  async #stayUp({ scene, apiUrl, load }: Stage, signal: AbortSignal): Promise<void> {
    this.#live.print(
      '',
      this.#colors.bold('It stays up, and so does the traffic, until Ctrl-C. In another terminal:'),
      `  ${typed(['export', `KUBECONFIG=${scene.kubeconfig}`])}`,
      '  kubectl get replicasets                                 the revisions, kept at 0',
      '  kubectl rollout undo deployment/app --to-revision=3     the bad version is back',
      '  kubectl rollout undo deployment/app                     and gone again',
      `  The Service is at ${serviceUrl(scene)}, the API at ${apiUrl}.`,
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

async function setScene(given: string | undefined, teardown: Teardown): Promise<Scene> {
  const appDir = findAppDir()
  const dataDir = given === undefined ? temporaryDir(teardown) : emptyDir(resolve(given))
  const port = await freePort(firstPort)
  const manifest = join(dataDir, 'app.yaml')
  writeFileSync(manifest, manifestOf({ port }))
  return { dataDir, kubeconfig: dataDirectory(dataDir).kubeconfig, appDir, manifest, port }
}

/** The steps know what each of them finds: nothing may be there before them. */
function emptyDir(dir: string): string {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  if (readdirSync(dir).length === 0) return dir
  throw new StepFailed(`${dir} is not empty; name a new directory with --data`)
}

function temporaryDir(teardown: Teardown): string {
  const dir = mkdtempSync(join(tmpdir(), 'astern-story-'))
  teardown.add(() => deleteSnapshot(dir))
  return dir
}
