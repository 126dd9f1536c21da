import { mkdtempSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Deployment } from '../../src/api/generated/types.ts'
import { deployments, replicaSets } from '../../src/api/scheme.ts'
import { systemContext } from '../../src/base/context.ts'
import { HttpTransport } from '../../src/client/http-transport.ts'
import { loadKubeconfig } from '../../src/client/kubeconfig.ts'
import { deleteSnapshot } from '../../src/node/images/snapshot.ts'
import { ImageStore } from '../../src/node/images/store.ts'
import { reportRollout } from '../../src/rollout/rollout-status.ts'
import { planUndo } from '../../src/rollout/undo.ts'
import { astern, EngineProcess } from '../engine-process.fixture.ts'
import { startHaproxyReload, startNginxReload, startPm2Reload } from './reload-peers.ts'
import { type Asked, StrictConnection, type StrictTarget } from './strict-connection.ts'
import { type Absent, type Subject, versions } from './subject.ts'
import { addVersion, deployBehindService, deployment, untilAnswering } from './versioned-app.ts'
import { busyboxProgram } from './versioned-program.ts'

/**
 * `npm run bench:undo [-- --rounds N --pods N --pm2 PATH]`: the time from the request that undoes
 * (for peers: the begin of the deploy script) to the last answer of the version that goes, seen by
 * clients that ask all the time. Real pods of busybox, ready when their probe says so; the same
 * programs behind peers, but for pm2, which runs programs of Node.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    pods: { type: 'string', default: '1,3,10' },
    pm2: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const probes = 8
/** Of each, between two requests: without it they would take a core from what is measured. */
const pauseMs = 4

/** Asks all the time, and knows when which version answered last. */
class Watcher {
  readonly #lastMs = new Map<string, number>()
  readonly #connections: readonly StrictConnection[]
  failed = 0

  constructor(target: StrictTarget) {
    const ask = (connection: StrictConnection) => connection.ask(this.#asked())
    const listener = {
      answered: () => {},
      opened: () => {},
      failed: () => void this.failed++,
      free: (connection: StrictConnection) => void setTimeout(ask, pauseMs, connection),
      cut: () => {},
    }
    this.#connections = Array.from({ length: probes }, () => new StrictConnection(target, listener))
  }

  /** On the clock of `performance.now`. */
  async lastOf(version: string): Promise<number> {
    // It is gone when others have answered for a while.
    for (;;) {
      const lastMs = this.#lastMs.get(version) ?? 0
      await wait(400)
      if ((this.#lastMs.get(version) ?? 0) === lastMs) return lastMs
    }
  }

  close(): void {
    for (const connection of this.#connections) connection.close()
  }

  #asked(): Asked {
    const bytes = Buffer.from('GET / HTTP/1.1\r\nHost: app\r\n\r\n')
    const isRight = (body: string) => {
      this.#lastMs.set(body, performance.now())
      return true
    }
    return { kind: 'GET', bytes, dueMs: 0, isRight }
  }
}

/** Whose `roll` begins with the request that undoes. */
async function measure(subject: Subject): Promise<readonly number[]> {
  const { host, port } = subject
  const watcher = new Watcher({ host, port, timeoutMs: 5_000 })
  const timesMs: number[] = []
  try {
    for (let round = 0; round < rounds + 1; round++) {
      await wait(300)
      const begunMs = performance.now()
      await subject.roll()
      const lastMs = await watcher.lastOf(versions[round % 2] ?? '')
      // The first one finds everything cold.
      if (round > 0) timesMs.push(lastMs - begunMs)
    }
  } finally {
    watcher.close()
    await subject.end()
  }
  if (watcher.failed > 0) process.stdout.write(`${subject.name}: ${watcher.failed} failed\n`)
  return timesMs
}

interface Rollout {
  readonly pods: number
  /** As the reloads do it: all new ones before any old one goes. By default, in waves. */
  readonly isAtOnce?: boolean
}

function wanted(version: string, { pods, isAtOnce = false }: Rollout): Deployment {
  const app = deployment(version, pods)
  const strategy = { rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } }
  return isAtOnce && app.spec ? { ...app, spec: { ...app.spec, strategy } } : app
}

/** Undone again and again by the server's client: no start of a program is in the time. */
async function startAstern(rollout: Rollout): Promise<Subject> {
  const dataDir = mkdtempSync(join(tmpdir(), 'astern-undo-'))
  const engine = await EngineProcess.start(dataDir)
  const access = loadKubeconfig({ files: [engine.kubeconfig] })
  const transport = new HttpTransport(systemContext(), { access })
  const images = new ImageStore(dataDir)
  for (const version of versions) await addVersion({ images }, version, busyboxProgram)
  const target = await deployBehindService(transport, wanted(versions[1], rollout))
  const key = { namespace: 'default', name: 'app' }
  const current = () => transport.get(deployments, key)
  const untilRolledOut = async () => {
    while (reportRollout(await current()).outcome !== 'done') await wait(20)
  }
  await untilRolledOut()
  const { spec } = wanted(versions[0], rollout)
  const body = { spec: { template: spec?.template } } as never
  await transport.patch(deployments, key, { type: 'application/strategic-merge-patch+json', body })
  await untilRolledOut()
  await untilAnswering(target.host, target.port)
  const prepare = async () => {
    const { items } = await transport.list(replicaSets, { namespace: 'default' })
    const plan = planUndo(await current(), items, 0n)
    if (plan.outcome !== 'patch') throw new Error(`undo: ${plan.message}`)
    return plan.patch
  }
  const roll = async () => {
    await transport.patch(deployments, key, await prepare())
    await untilRolledOut()
  }
  const end = async () => {
    transport.close()
    await engine.kill('SIGTERM')
    await astern('down', '--data', dataDir)
    await deleteSnapshot(dataDir)
  }
  const name = `Astern, undo of ${rollout.pods} pods${rollout.isAtOnce ? ', all at once' : ''}`
  return { name, ...target, roll, end }
}

const round = (ms: number | undefined) => Number((ms ?? 0).toFixed(1))

function print(name: string, timesMs: readonly number[]): object {
  const sorted = [...timesMs].sort((a, b) => a - b)
  const median = round(sorted[Math.floor(sorted.length / 2)])
  const [min, max] = [round(sorted[0]), round(sorted.at(-1))]
  process.stdout.write(`${name}: last old answer after ${median} ms (${min} to ${max})\n`)
  return { median, min, max }
}

const results: Record<string, unknown> = { loadBefore: loadavg() }
const pods = values.pods.split(',').map(Number)
const most = Math.max(...pods)
const starts: readonly (() => Promise<Subject | Absent>)[] = [
  ...pods.map((count) => () => startAstern({ pods: count })),
  () => startAstern({ pods: most, isAtOnce: true }),
  () => startHaproxyReload({ program: busyboxProgram, replicas: most }),
  () => startNginxReload({ program: busyboxProgram, replicas: most }),
  () => startPm2Reload(values.pm2, 2),
]
for (const start of starts) {
  const subject = await start()
  if ('why' in subject) process.stdout.write(`${subject.name}: not measured: ${subject.why}\n`)
  results[subject.name] =
    'why' in subject ? subject.why : print(subject.name, await measure(subject))
}
process.stdout.write(`${JSON.stringify({ rounds, ...results, loadAfter: loadavg() })}\n`)
