import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Deployment, Pod } from '../src/api/generated/types.ts'
import { configMaps, deployments, pods } from '../src/api/scheme.ts'
import { systemContext } from '../src/base/context.ts'
import { HttpTransport } from '../src/client/http-transport.ts'
import { loadKubeconfig } from '../src/client/kubeconfig.ts'
import { deleteSnapshot } from '../src/node/images/snapshot.ts'
import { ImageStore } from '../src/node/images/store.ts'
import { reportRollout } from '../src/rollout/rollout-status.ts'
import { astern, EngineProcess } from './engine-process.fixture.ts'
import { SteadyLoad } from './traffic/steady-load.ts'
import {
  addVersion,
  deployment as appDeployment,
  deployBehindService,
  imageOf,
  untilAnswering,
} from './traffic/versioned-app.ts'

const inDefault = { namespace: 'default' }
const app = { namespace: 'default', name: 'app' }

let dataDir: string
let engine: EngineProcess
let transport: HttpTransport
let load: SteadyLoad | undefined

async function up(): Promise<void> {
  engine = await EngineProcess.start(dataDir)
  const access = await loadKubeconfig({ files: [engine.kubeconfig] })
  transport = new HttpTransport(systemContext(), { access })
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'astern-survival-'))
  await up()
})

afterEach(async () => {
  await load?.stop()
  transport.close()
  await engine.kill('SIGKILL')
  await astern('down', '--data', dataDir)
  await deleteSnapshot(dataDir)
})

async function until<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const deadlineMs = Date.now() + 60_000
  for (;;) {
    const value = await read()
    if (holds(value)) return value
    await new Promise(setImmediate)
    if (Date.now() > deadlineMs) throw new Error(`not within a minute: ${JSON.stringify(value)}`)
  }
}

const deployment = () => transport.get(deployments, app)
const untilRolledOut = () => until(deployment, (value) => reportRollout(value).outcome === 'done')

/** What says that a container is the one that it was. */
async function containers(): Promise<ReadonlyMap<string, string>> {
  const { items } = await transport.list(pods, inDefault)
  return new Map(
    items.map((pod: Pod) => {
      const status = pod.status?.containerStatuses?.[0]
      return [pod.metadata.name ?? '', `${status?.containerID} ${status?.restartCount}`]
    }),
  )
}

async function givenApp(): Promise<void> {
  const images = new ImageStore(dataDir)
  for (const version of ['1.0.0', '1.1.0']) await addVersion({ images }, version)
  const target = await deployBehindService(transport, appDeployment('1.0.0'))
  await untilRolledOut()
  await untilAnswering(target.host, target.port)
  load = new SteadyLoad(target, 8)
}

/** Writes until the engine is gone; resolves with the names whose creation was acknowledged. */
async function writeUntilGone(): Promise<readonly string[]> {
  const acknowledged: string[] = []
  for (let number = 0; ; number++) {
    const metadata = { name: `written-${number}` }
    try {
      await transport.create(configMaps, inDefault, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata,
      })
      acknowledged.push(metadata.name)
    } catch {
      return acknowledged
    }
  }
}

describe('kill -9 of the engine in the middle of a rollout', () => {
  it('loses no acknowledged write and no request, restarts nothing, and the rollout goes on', async () => {
    await givenApp()
    const before = await containers()
    const image = [{ name: 'app', image: imageOf('1.1.0') }]
    const body = { spec: { template: { spec: { containers: image } } } }
    await transport.patch(deployments, app, {
      type: 'application/strategic-merge-patch+json',
      body,
    })
    const hasBegun = ({ metadata, status }: Deployment) =>
      status?.observedGeneration === metadata.generation && (status?.updatedReplicas ?? 0) >= 1
    await until(deployment, hasBegun)
    const writing = writeUntilGone()
    await until(deployment, ({ status }) => (status?.updatedReplicas ?? 0) >= 1)
    await engine.kill('SIGKILL')
    const acknowledged = await writing
    transport.close()
    await up()
    const { items } = await transport.list(configMaps, inDefault)
    const names = items.map(({ metadata }) => metadata.name)
    expect(names).toEqual(expect.arrayContaining([...acknowledged]))
    const after = await containers()
    const kept = [...before].filter(([name]) => after.has(name))
    expect(kept.map(([name]) => [name, after.get(name)])).toEqual(kept)
    await untilRolledOut()
    expect([...(await containers()).values()].every((text) => text.endsWith(' 0'))).toBe(true)
    const tally = await load?.stop()
    expect(tally?.failures).toEqual([])
    expect([...(tally?.byBody.keys() ?? [])].sort()).toEqual(['1.0.0', '1.1.0'])
  })

  it('SIGTERM leaves the pods, Ctrl-C ends them', async () => {
    await givenApp()
    const before = await containers()
    await engine.kill('SIGTERM')
    transport.close()
    const requests = load?.requests ?? 0
    await until(
      async () => load?.requests ?? 0,
      (now) => now > requests + 50,
    )
    await up()
    expect(await containers()).toEqual(before)
    expect((await load?.stop())?.failures).toEqual([])
    load = undefined
    await engine.kill('SIGINT')
    const left = await astern('status', '--data', dataDir)
    expect([left.code, left.stdout]).toEqual([1, expect.stringContaining('no engine runs')])
  })
})
