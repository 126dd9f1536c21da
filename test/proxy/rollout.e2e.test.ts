import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { pods } from '../../src/api/scheme.ts'
import { type Backend, endBackends, givenBackend } from './backend.ts'
import { type GivenTraffic, givenTraffic } from './given-traffic.ts'
import { startLoad } from './load.ts'

const namespace = 'default'
let given: GivenTraffic

afterEach(async () => {
  await given.end()
  endBackends()
})

async function addPod(name: string): Promise<Backend> {
  const backend = await givenBackend(name)
  await given.pod(name, { app: 'web', port: backend.port })
  await vi.waitFor(async () => {
    const rows = await given.traffic.stats.snapshot()
    expect(rows.find((row) => row.podName === name)?.inTraffic).toBe(true)
  })
  return backend
}

/** As the node ends a pod: the gate, then a signal that lets nothing finish. */
async function removePod(backend: Backend): Promise<void> {
  const pod = await given.terminate(backend.name)
  expect(await given.traffic.gate.drained(pod, 10_000)).toBe('drained')
  await backend.kill()
  await given.transport.delete(pods, { namespace, name: backend.name }, { gracePeriodSeconds: 0 })
}

async function replaceTenTimes(): Promise<
  Awaited<ReturnType<ReturnType<typeof startLoad>['stop']>>
> {
  const service = await given.service('web')
  let present = [await addPod('v0-a'), await addPod('v0-b')]
  const load = startLoad(`http://${service.spec?.clusterIP}:8080`, 16)
  for (let round = 1; round <= 10; round++) {
    const next = await addPod(`v${round}`)
    const [oldest, ...rest] = present
    if (oldest) await removePod(oldest)
    present = [...rest, next]
    await wait(30)
  }
  return load.stop()
}

test('pods killed right after they are drained lose no request, on connections that stay', async () => {
  given = await givenTraffic()
  const { failures, requests, byBackend } = await replaceTenTimes()
  expect(failures).toEqual([])
  expect(requests).toBeGreaterThan(500)
  expect(byBackend.size).toBe(12)
  const rows = await given.traffic.stats.snapshot()
  expect(rows.reduce((sum, row) => sum + row.byStatusClass[2], 0)).toBe(requests)
})

test('without the acknowledgement the same loses requests', async () => {
  given = await givenTraffic({ acknowledge: false })
  const { failures } = await replaceTenTimes()
  expect(failures.length).toBeGreaterThan(0)
})

test('drained waits for the answer in flight, and is the deadline when that takes longer', async () => {
  given = await givenTraffic()
  const service = await given.service('web')
  const slow = await addPod('slow')
  const answer = fetch(`http://${service.spec?.clusterIP}:8080/slow?600`)
  await vi.waitFor(async () => expect((await given.traffic.stats.snapshot())[0]?.open).toBe(1))
  await addPod('other')
  const pod = await given.terminate('slow')
  expect(await given.traffic.gate.drained(pod, 50)).toBe('deadline')
  expect(await given.traffic.gate.drained(pod, 10_000)).toBe('drained')
  await slow.kill()
  expect(await (await answer).text()).toBe('slow')
})

test('a pod that no Service selects is drained at once', async () => {
  given = await givenTraffic()
  const pod = await given.pod('alone', { app: 'nothing', port: 9 })
  expect(await given.traffic.gate.drained(pod, 5_000)).toBe('drained')
})

test('F-12: the only pod goes on serving while it terminates', async () => {
  given = await givenTraffic()
  const service = await given.service('web')
  await addPod('only')
  const pod = await given.terminate('only')
  expect(await given.traffic.gate.drained(pod, 5_000)).toBe('drained')
  const response = await fetch(`http://${service.spec?.clusterIP}:8080/name`)
  expect(await response.text()).toBe('only')
})
