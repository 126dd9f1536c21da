import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import type { Service } from '../../src/api/generated/types.ts'
import { services } from '../../src/api/scheme.ts'
import { isAlive } from '../../src/base/process-identity.ts'
import { type Backend, endBackends, givenBackend } from './backend.ts'
import { freePort } from './free-port.ts'
import { type GivenTraffic, givenTraffic, proxyIdentity } from './given-traffic.ts'
import { type Load, startLoad } from './load.ts'

const namespace = 'default'
let given: GivenTraffic

afterEach(async () => {
  await given.end()
  endBackends()
})

async function givenWeb(spec: Partial<Service['spec']> = {}): Promise<Service> {
  const service = await given.service('web', spec)
  for (const name of ['a', 'b']) {
    const backend = await givenBackend(name)
    await given.pod(name, { app: 'web', port: backend.port })
  }
  await vi.waitFor(async () => {
    const rows = await given.traffic.stats.snapshot()
    expect(rows.filter((row) => row.inTraffic)).toHaveLength(2)
  })
  return service
}

/**
 * The second control plane of this test has a store of its own, and so other uids for the same
 * programs: resolves when what was asked of the former uids is answered.
 */
async function requestsOfFormerPods({ traffic }: GivenTraffic): Promise<void> {
  await vi.waitFor(async () => {
    const rows = await traffic.stats.snapshot()
    expect(rows.filter((row) => row.inTraffic)).toHaveLength(2)
    expect(rows.filter((row) => !row.inTraffic && row.open > 0)).toEqual([])
  })
}

/** A control plane in a process of its own, with these pods in its Service `web`. */
async function givenControlProcess(dataDir: string, backends: readonly Backend[]) {
  const script = resolve('test/proxy/control-process.ts')
  const pods = backends.map(({ name, port }) => `${name}=${port}`)
  const args = ['--import', 'tsx', script, dataDir, ...pods]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [clusterIP] = await once(child.stdout, 'data')
  return { child, clusterIP: String(clusterIP).trim() }
}

/** Until a hundred more requests have been made: some of them find the world as it is now. */
async function answered(load: Load): Promise<void> {
  const from = load.requests
  const patience = { timeout: 20_000, interval: 20 }
  await vi.waitFor(() => expect(load.requests).toBeGreaterThan(from + 100), patience)
}

test('kill -9 of the control plane: the proxy goes on, and the next one adopts it', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'astern-proxy-'))
  const backends = [await givenBackend('a'), await givenBackend('b')]
  const { child, clusterIP } = await givenControlProcess(dataDir, backends)
  const { pid } = proxyIdentity(dataDir)
  const load = startLoad(`http://${clusterIP}:8080`, 8)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await answered(load)
  given = await givenTraffic({
    dataDir,
    async prepare({ service, pod, endpoints }) {
      await service('web', { clusterIP })
      for (const { name, port } of backends) await pod(name, { app: 'web', port })
      await vi.waitFor(async () => expect(await endpoints()).toHaveLength(2))
    },
  })
  await requestsOfFormerPods(given)
  const pod = await given.terminate('a')
  expect(await given.traffic.gate.drained(pod, 5_000)).toBe('drained')
  await backends[0]?.kill()
  await answered(load)
  const { failures, byBackend } = await load.stop()
  expect(failures).toEqual([])
  expect([...byBackend.keys()].sort()).toEqual(['a', 'b'])
  expect(proxyIdentity(dataDir).pid).toBe(pid)
})

test('a proxy that dies is started again, and gets the table', async () => {
  given = await givenTraffic()
  const service = await givenWeb()
  const { pid } = proxyIdentity(given.dataDir)
  process.kill(pid, 'SIGKILL')
  await vi.waitFor(
    async () => {
      const response = await fetch(`http://${service.spec?.clusterIP}:8080/name`)
      expect(['a', 'b']).toContain(await response.text())
    },
    { timeout: 10_000, interval: 50 },
  )
  expect(proxyIdentity(given.dataDir).pid).not.toBe(pid)
  const pod = await given.terminate('a')
  expect(await given.traffic.gate.drained(pod, 5_000)).toBe('drained')
})

test('end ends the process', async () => {
  given = await givenTraffic()
  const proxy = proxyIdentity(given.dataDir)
  expect(isAlive(proxy)).toBe(true)
  await given.traffic.end()
  await vi.waitFor(() => expect(isAlive(proxy)).toBe(false))
})

test('NodePort and LoadBalancer listen on 127.0.0.1, and the status says so (A-12, G-52)', async () => {
  given = await givenTraffic()
  const port = await freePort()
  const service = await givenWeb({ type: 'LoadBalancer', ports: [{ port, targetPort: 8080 }] })
  const nodePort = service.spec?.ports?.[0]?.nodePort
  for (const each of [port, nodePort]) {
    const response = await fetch(`http://127.0.0.1:${each}/name`)
    expect(['a', 'b']).toContain(await response.text())
  }
  await vi.waitFor(async () => {
    const { status } = await given.transport.get<Service>(services, { namespace, name: 'web' })
    expect(status?.loadBalancer?.ingress).toMatchObject([{ ip: '127.0.0.1' }])
  })
})

test('a port that is taken: an Event names the port and its holder, and it is opened later', async () => {
  given = await givenTraffic()
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  await givenWeb({ type: 'LoadBalancer', ports: [{ port, targetPort: 8080 }] })
  await vi.waitFor(async () => {
    const [message] = await given.events('ListenFailed')
    expect(message).toContain(`Cannot listen on 127.0.0.1:${port}: process ${process.pid} (`)
    expect(message).toMatch(
      / holds the port; stop it or choose another port; tried again every 5 s$/,
    )
  })
  const { status } = await given.transport.get<Service>(services, { namespace, name: 'web' })
  expect(status?.loadBalancer?.ingress).toBeUndefined()
  holder.close()
  await vi.waitFor(
    async () => expect((await fetch(`http://127.0.0.1:${port}/name`)).status).toBe(200),
    { timeout: 10_000, interval: 100 },
  )
})
