import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { required } from '../../../base/assert.ts'
import { type Prng, seededPrng } from '../../../base/prng.ts'
import { identityOf } from '../../../base/process-identity.ts'
import { PortLeases, portCandidates } from './port-leases.ts'

let dir: string
let others: ChildProcess[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'astern-ports-test-'))
  others = []
})
afterEach(() => {
  for (const other of others) other.kill('SIGKILL')
  rmSync(dir, { recursive: true })
})

/** Another engine: some process that lives until it is killed. */
function otherProcess(): ChildProcess {
  const child = spawn('sleep', ['1000'])
  others.push(child)
  return child
}

function holder(pid: number | undefined) {
  return { ...required(identityOf(pid ?? 0), 'process'), note: 'test' }
}

function leasesOf(pid: number | undefined, prng: Prng = seededPrng(1)): PortLeases {
  const leases = new PortLeases({ dir, prng })
  leases.holdAs(holder(pid))
  return leases
}

/** Which of its ports an engine does not get back. */
function restarted(pid: number | undefined, ports: readonly number[]): readonly number[] {
  const leases = new PortLeases({ dir, prng: seededPrng(1) })
  leases.keep(ports)
  return leases.holdAs(holder(pid))
}

describe('leases', () => {
  test('two engines that begin at the same place get different ports', async () => {
    const [a, b] = [leasesOf(process.pid), leasesOf(otherProcess().pid)]
    const ports = await Promise.all([a.lease(), b.lease(), a.lease(), b.lease()])
    expect(new Set(ports).size).toBe(4)
    for (const port of ports) expect(port).toSatisfy((p: number) => p >= 20_000 && p < 30_000)
  })

  test('a port that something listens on is left alone', async () => {
    const sequence: Prng = { next: () => 0.5 }
    const first = await leasesOf(process.pid, sequence).lease()
    const taken = createServer().listen(first + 1, '127.0.0.1')
    await once(taken, 'listening')
    expect(await leasesOf(otherProcess().pid, sequence).lease()).toBe(first + 2)
    taken.close()
  })

  test('a released port is free again, also for others', async () => {
    const leases = leasesOf(process.pid)
    const port = await leases.lease()
    leases.release(port)
    expect(await leasesOf(otherProcess().pid).lease()).toBe(port)
  })

  test('an engine started again keeps its ports, unless another has taken them', async () => {
    const old = otherProcess()
    const before = leasesOf(old.pid)
    const ports = [await before.lease(), await before.lease()]
    old.kill('SIGKILL')
    await once(old, 'exit')
    expect(restarted(process.pid, ports)).toEqual([])
    expect(restarted(otherProcess().pid, ports)).toEqual(ports)
  })

  test('nothing but the leases stays in the directory', async () => {
    const leases = leasesOf(process.pid)
    const ports = [await leases.lease(), await leases.lease()]
    expect(readdirSync(dir).map(Number).sort()).toEqual(ports.sort())
  })
})

test.each([
  [[32_768, 60_999], 10_000],
  [[25_000, 60_999], 5_000],
  [[1_024, 65_535], 10_000],
] as const)('with ephemeral ports %j there are %d candidates', (ephemeral, count) => {
  expect(portCandidates(ephemeral)).toHaveLength(count)
})
