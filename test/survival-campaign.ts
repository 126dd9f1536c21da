import { mkdtempSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Deployment, Pod } from '../src/api/generated/types.ts'
import { isTerminating } from '../src/api/object.ts'
import { deployments, pods } from '../src/api/scheme.ts'
import { systemContext } from '../src/base/context.ts'
import { type Prng, randomInt, seededPrng } from '../src/base/prng.ts'
import { startTimeOf } from '../src/base/process-identity.ts'
import { HttpTransport } from '../src/client/http-transport.ts'
import { loadKubeconfig } from '../src/client/kubeconfig.ts'
import { deleteSnapshot } from '../src/node/images/snapshot.ts'
import { ImageStore } from '../src/node/images/store.ts'
import { reportRollout } from '../src/rollout/rollout-status.ts'
import { astern, EngineProcess } from './engine-process.fixture.ts'

const inDefault = { namespace: 'default' }
const app = { ...inDefault, name: 'app' }
const labels = { app: 'app' }
const exitCodeAsked = 42

/** SIGUSR2 makes it end in its own way, from the moment that it says its start in a file. */
const program = `
process.on('SIGUSR2', () => process.exit(${exitCodeAsked}))
require('node:fs').appendFileSync(process.env.TMPDIR + '/starts', process.pid + '\\n')
require('node:http').createServer((_, response) => response.end()).listen(process.env.PORT, '127.0.0.1')
`

/** What SIGTERM alone makes of the program. */
const exitCodeTerminated = 143

/** What a campaign has seen; all but the first four should be 0. */
export interface Figures {
  kills: number
  rollouts: number
  /** Containers that were ended while no engine was there … */
  ended: number
  /** … and whose pod said so: at the latest the last that was heard of a pod on its way out. */
  reported: number
  wrongExitCodes: number
  restarted: number
  lost: number
  doubled: number
}

/** A program that ran when the engine was killed. */
interface Running {
  readonly podUid: string
  readonly pid: number
  readonly startTime: string | undefined
  /** Which start of its container it is, from 1. */
  readonly start: number
}

/**
 * Kills the engine, by SIGKILL, at moments uniform over the course of rollouts, ends containers
 * while it is away, starts it again, and looks whether everything is as if nothing had happened.
 */
export class SurvivalCampaign {
  readonly figures: Figures = {
    kills: 0,
    rollouts: 0,
    ended: 0,
    reported: 0,
    wrongExitCodes: 0,
    restarted: 0,
    lost: 0,
    doubled: 0,
  }
  /** What was wrong, for people. */
  readonly surprises: string[] = []
  readonly #dataDir = mkdtempSync(join(tmpdir(), 'astern-campaign-'))
  readonly #prng: Prng
  #engine: EngineProcess | undefined
  #transport: HttpTransport | undefined
  #rolloutMs = 0

  constructor(seed: number) {
    this.#prng = seededPrng(seed)
  }

  /** Three replicas run; one rollout has been timed. */
  async begin(): Promise<void> {
    const source = mkdtempSync(join(tmpdir(), 'astern-image-'))
    writeFileSync(join(source, 'main.js'), program)
    const images = new ImageStore(this.#dataDir)
    for (const version of [0, 1])
      await images.add(`app:${version}`, source, ['node', 'main.js', `${version}`])
    await this.#up()
    await this.#api.create(deployments, inDefault, deploymentOf('app:0'))
    await this.#untilRolledOut()
    const startMs = performance.now()
    await this.#roll('app:1')
    await this.#untilRolledOut()
    this.#rolloutMs = performance.now() - startMs
  }

  /** One kill in the middle of a rollout, and what comes of it. */
  async round(): Promise<void> {
    await this.#roll(`app:${this.figures.kills % 2}`)
    await pause(randomInt(this.#prng, Math.ceil(this.#rolloutMs)))
    await this.#engine?.kill('SIGKILL')
    this.#transport?.close()
    this.figures.kills++
    const running = this.#running()
    const victim = running[randomInt(this.#prng, Math.max(running.length, 1))]
    const signal = randomInt(this.#prng, 2) === 0 ? 'SIGUSR2' : 'SIGKILL'
    if (victim) await this.#end(victim, signal)
    await this.#up()
    if (victim) await this.#checkReport(victim, signal === 'SIGUSR2' ? exitCodeAsked : 137)
    await this.#untilRolledOut()
    await this.#check(running, victim)
  }

  async end(): Promise<void> {
    this.#transport?.close()
    await this.#engine?.kill('SIGKILL')
    await astern('down', '--data', this.#dataDir)
    await deleteSnapshot(this.#dataDir)
  }

  get #api(): HttpTransport {
    if (!this.#transport) throw new Error('no engine runs')
    return this.#transport
  }

  async #up(): Promise<void> {
    this.#engine = await EngineProcess.start(this.#dataDir)
    const access = await loadKubeconfig({ files: [this.#engine.kubeconfig] })
    this.#transport = new HttpTransport(systemContext(), { access })
  }

  async #roll(image: string): Promise<void> {
    const body = { spec: { template: { spec: { containers: [{ name: 'app', image }] } } } }
    await this.#api.patch(deployments, app, {
      type: 'application/strategic-merge-patch+json',
      body,
    })
  }

  /** Rolled out, and what it has replaced is gone. */
  async #untilRolledOut(): Promise<void> {
    await until(async () => {
      const isDone = reportRollout(await this.#api.get(deployments, app)).outcome === 'done'
      return isDone && (await this.#pods()).length === 3
    })
    this.figures.rollouts++
  }

  async #pods(): Promise<readonly Pod[]> {
    return (await this.#api.list(pods, inDefault)).items
  }

  /** From the files of the supervisors: nobody else knows now. */
  #running(): readonly Running[] {
    const podsDir = join(this.#dataDir, 'pods')
    return readdirSync(podsDir).flatMap((podUid) =>
      subdirectories(join(podsDir, podUid, 'app')).flatMap((dir) => {
        const pid = Number(readText(join(dir, 'program')).split(' ')[0])
        const isOver = readText(join(dir, 'exit')) !== ''
        const startTime = pid > 0 ? startTimeOf(pid) : undefined
        const start = this.#startsOf(podUid)
        return startTime && start > 0 && !isOver ? [{ podUid, pid, startTime, start }] : []
      }),
    )
  }

  /** How often the program of a pod has begun, as it says itself. */
  #startsOf(podUid: string): number {
    const said = readText(join(this.#dataDir, 'pods', podUid, '.tmp', 'starts'))
    return said.split('\n').length - 1
  }

  async #end({ pid, startTime }: Running, signal: NodeJS.Signals): Promise<void> {
    process.kill(pid, signal)
    await until(async () => startTimeOf(pid) !== startTime)
    this.figures.ended++
  }

  /** What became of the container, as its pod says, or said last of all. */
  async #checkReport({ podUid, start }: Running, exitCode: number): Promise<void> {
    let pod: Pod | undefined
    await until(async () => {
      const { items, resourceVersion } = await this.#api.list(pods, inDefault)
      const now = items.find(({ metadata }) => metadata.uid === podUid)
      pod = now ?? (await this.#lastOf(podUid, Number(resourceVersion)))
      return !now || endOf(now, start) !== undefined
    })
    const seen = pod && endOf(pod, start)
    if (!pod || seen === undefined) return
    this.figures.reported++
    // Of a pod on its way out the engine may have begun to end the container before it was killed.
    const isExpected = seen === exitCode || (isTerminating(pod) && seen === exitCodeTerminated)
    if (isExpected) return
    this.figures.wrongExitCodes++
    this.surprises.push(`${pod.metadata.name} ended with ${seen}, not with ${exitCode}`)
  }

  /** A pod that is gone, as it was before it went: nobody outside had time to see it. */
  async #lastOf(podUid: string, newest: number): Promise<Pod | undefined> {
    for (let revision = newest; revision > 0; revision--) {
      const options = { resourceVersion: `${revision}`, resourceVersionMatch: 'Exact' } as const
      const { items } = await this.#api.list(pods, inDefault, options)
      const pod = items.find(({ metadata }) => metadata.uid === podUid)
      if (pod) return pod
    }
    return undefined
  }

  async #check(before: readonly Running[], victim: Running | undefined): Promise<void> {
    const now = await this.#pods()
    for (const { metadata, status } of now) {
      const { uid = '' } = metadata
      const wasEnded = victim?.podUid === uid
      const restarts = status?.containerStatuses?.[0]?.restartCount ?? 0
      if (this.#startsOf(uid) !== restarts + 1) this.figures.doubled++
      if (wasEnded) continue
      if (restarts !== 0) this.figures.restarted++
      const known = before.find(({ podUid }) => podUid === uid)
      if (known && startTimeOf(known.pid) !== known.startTime) this.figures.lost++
    }
    this.figures.doubled += Math.max(programsIn(this.#dataDir) - now.length, 0)
  }
}

/** How a start of the pod's container ended, as its status has it: that one, and none before it. */
function endOf({ status }: Pod, start: number): number | undefined {
  const { restartCount = 0, state, lastState } = status?.containerStatuses?.[0] ?? {}
  const end = restartCount < start ? state?.terminated : lastState?.terminated
  return end?.exitCode
}

function deploymentOf(image: string): Deployment {
  const containers = [
    { name: 'app', image, readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 } },
  ]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app' },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers, terminationGracePeriodSeconds: 5 } },
    },
  }
}

/** Programs whose directory is an image of these data, without the shells beside them. */
function programsIn(dataDir: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      if (
        !/^\d+$/.test(pid) ||
        !readlinkSync(`/proc/${pid}/cwd`).startsWith(join(dataDir, 'images'))
      ) {
        return false
      }
      return (
        readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('\0main.js\0') &&
        readFileSync(`/proc/${pid}/comm`, 'latin1').startsWith('node')
      )
    } catch {
      return false
    }
  }).length
}

function subdirectories(path: string): readonly string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name))
  } catch {
    return []
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error('not within a minute')
    await pause(20)
  }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}
