import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { type GivenEngine, givenEngine } from '../engine.fixture.ts'
import { kubectlBinary } from '../kubectl-binary.ts'
import { SteadyLoad } from './steady-load.ts'
import { addVersion, deployBehindService, imageOf, untilAnswering } from './versioned-app.ts'

const run = promisify(execFile)
const clients = 16

let given: GivenEngine
let load: SteadyLoad | undefined

afterEach(async () => {
  await load?.stop()
  load = undefined
  await given.stop()
})

async function kubectl(...args: readonly string[]): Promise<void> {
  await run(kubectlBinary('36'), ['--kubeconfig', given.engine.kubeconfig, ...args])
}

const untilRolledOut = () => kubectl('rollout', 'status', 'deployment/app', '--timeout=60s')

/** Until every client has been answered some more times. */
async function answered(since: number): Promise<void> {
  while ((load?.requests ?? 0) < since + clients * 4) await new Promise(setImmediate)
}

/** Three pods of 1.0.0 under load. */
async function givenLoad(options: { readonly acknowledge: boolean }): Promise<SteadyLoad> {
  given = await givenEngine(options)
  for (const version of ['1.0.0', '1.1.0']) await addVersion(given, version)
  const target = await deployBehindService(given, '1.0.0')
  await untilRolledOut()
  await untilAnswering(target.host, target.port)
  load = new SteadyLoad(target, clients)
  await answered(0)
  return load
}

/** One rollout under load, which both versions must have served. */
async function roll(under: SteadyLoad, ...command: readonly string[]): Promise<void> {
  under.takeBodies()
  await answered(under.requests)
  await kubectl(...command)
  await untilRolledOut()
  await answered(under.requests)
  expect([...under.takeBodies()].sort()).toEqual(['1.0.0', '1.1.0'])
}

const toNew = ['set', 'image', 'deployment/app', `app=${imageOf('1.1.0')}`]
const back = ['rollout', 'undo', 'deployment/app']

describe('rolling updates of programs that die at once on SIGTERM', () => {
  it('S-06: 20 rollouts and 20 undos under load, no request fails', async () => {
    const under = await givenLoad({ acknowledge: true })
    for (let round = 0; round < 20; round++) {
      await roll(under, ...toNew)
      await roll(under, ...back)
    }
    const { requests, failures } = await under.stop()
    expect(failures).toEqual([])
    expect(requests).toBeGreaterThanOrEqual(10_000)
  })

  it('fails requests as soon as pods do not wait for the proxy', async () => {
    const under = await givenLoad({ acknowledge: false })
    for (let round = 0; round < 10 && under.failures === 0; round++) {
      await roll(under, ...toNew)
      await roll(under, ...back)
    }
    expect((await under.stop()).failures.length).toBeGreaterThan(0)
  })
})
