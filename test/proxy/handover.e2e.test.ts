import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isAlive } from '../../src/base/process-identity.ts'
import type { TableEndpoint, TableService } from '../../src/proxy/protocol.ts'
import { type Backend, endBackends, givenBackend } from './backend.ts'
import { givenCertificate } from './certificate.ts'
import { Client, ConnectionLoad } from './connection-load.ts'
import { freePort } from './free-port.ts'
import { type GivenTraffic, givenTraffic, proxyCommand, proxyIdentity } from './given-traffic.ts'
import { ProxyProcess } from './proxy-process.ts'

/** `npm run handovers` asks for 1,000: a million connections. */
const handovers = Number(process.env.HANDOVERS ?? 6)
const connectionsPerHandover = handovers >= 100 ? 1_000 : 200
const host = '127.0.0.1'
/** As built: it starts in a tenth of the time. */
const builtCommand = [process.execPath, resolve('dist/proxy-main.js')]

function endpointOf({ name, port }: Backend, leaving = false): TableEndpoint {
  const conditions = { ready: !leaving, serving: true, terminating: leaving }
  return { ip: host, port, podUid: name, podName: name, templateHash: 'h', ...conditions }
}

describe('a newer proxy takes over', () => {
  let proxy: ProxyProcess
  let port = 0
  let a: Backend
  let b: Backend

  beforeEach(async () => {
    proxy = new ProxyProcess(builtCommand)
    port = await freePort()
    ;[a, b] = [await givenBackend('a'), await givenBackend('b')]
    await proxy.open()
  })

  afterEach(async () => {
    await proxy.end()
    endBackends()
  })

  function table(endpoints: readonly TableEndpoint[], more: Partial<TableService> = {}) {
    const listeners = [{ ip: host, port }]
    const service = { namespace: 'default', name: 'web', port: '', listeners, endpoints, ...more }
    return proxy.table([service])
  }

  async function counted(): Promise<number> {
    return (await proxy.counters()).reduce((sum, { requests }) => sum + requests, 0)
  }

  test(`${handovers} times under load: no connection is reset, none hangs`, async () => {
    await table([endpointOf(a), endpointOf(b)])
    const load = new ConnectionLoad(host, port, 100)
    const pids = new Set<number>()
    for (let turn = 1; turn <= handovers; turn++) {
      await proxy.handover()
      pids.add(proxy.pid)
      await vi.waitUntil(() => load.connections >= turn * connectionsPerHandover, {
        timeout: 60_000,
        interval: 5,
      })
    }
    const { failures, connections, requests } = await load.stop()
    if (handovers >= 100)
      console.log(`${handovers} handovers, ${connections} connections, ${requests} requests`)
    expect(failures).toEqual([])
    expect(connections).toBeGreaterThanOrEqual(handovers * connectionsPerHandover)
    expect(pids.size).toBe(handovers)
    // Former proxies end with their last connection, and hand over what they have counted.
    await vi.waitFor(async () => expect(await counted()).toBe(requests), { timeout: 20_000 })
  }, 3_600_000)

  test('a pod stays busy until the former proxy, too, has its answer (F-12)', async () => {
    await table([endpointOf(a)])
    const client = new Client(host, port)
    expect(await client.ask()).toBe('a')
    // An answer that is not whole before the test says so.
    client.socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n1')
    await vi.waitFor(async () => {
      expect((await proxy.counters()).find(({ podUid }) => podUid === 'a')?.open).toBe(1)
    })
    await proxy.handover()
    const { busy } = await table([endpointOf(a, true), endpointOf(b)])
    expect(busy).toEqual(['a'])
    client.socket.write('2')
    await proxy.idle('a')
    const other = new Client(host, port)
    expect(await other.ask()).toBe('b')
    for (const { socket } of [client, other]) socket.destroy()
  })

  test('clients stay with their endpoint, and streams where they are', async () => {
    await table([endpointOf(a), endpointOf(b)], { affinitySeconds: 60 })
    const client = new Client(host, port)
    const first = await client.ask()
    const stream = fetch(`http://${host}:${port}/stream?100`)
    await proxy.handover()
    for (let turn = 0; turn < 4; turn++) expect(await new Client(host, port).ask()).toBe(first)
    expect((await (await stream).text()).split(';')).toHaveLength(101)
    client.socket.destroy()
  })

  test('TLS connections end where they are, by the table that holds', async () => {
    const { ca, certificate, key } = await givenCertificate('shop.example')
    const tls = { certificate, key, host: '' }
    const more = { listeners: [{ ip: host, port, tls }] }
    await table([endpointOf(a)], more)
    const open = async () => {
      const socket = connectTls({ host, port, ca, servername: 'shop.example' })
      await once(socket, 'secureConnect')
      return socket.setEncoding('latin1')
    }
    const ask = async (socket: Awaited<ReturnType<typeof open>>) => {
      socket.write('GET /name HTTP/1.1\r\nHost: x\r\n\r\n')
      for (let text = ''; ; ) {
        text += (await once(socket, 'data'))[0]
        const body = /\r\n\r\n(.)$/.exec(text)?.[1]
        if (body) return body
      }
    }
    const before = await open()
    expect(await ask(before)).toBe('a')
    await proxy.handover()
    await table([endpointOf(b)], more)
    const after = await open()
    expect([await ask(before), await ask(after)]).toEqual(['b', 'b'])
    expect(await counted()).toBe(3)
    before.destroy()
    after.destroy()
  })

  test("the cluster's DNS goes on", async () => {
    const address = { ip: host, port: await freePort() }
    const names = { 'web.default.svc.cluster.local': { addresses: ['127.9.9.9'] } }
    const domain = 'cluster.local'
    proxy.tell({ type: 'names', table: { address, domain, names, resolvConf: '/dev/null' } })
    const resolver = new Resolver({ timeout: 500, tries: 20 })
    resolver.setServers([`${host}:${address.port}`])
    const resolved = () => resolver.resolve4('web.default.svc.cluster.local')
    await vi.waitFor(async () => expect(await resolved()).toEqual(['127.9.9.9']))
    await proxy.handover()
    expect(await resolved()).toEqual(['127.9.9.9'])
  })

  test('a successor that does not come up changes nothing', async () => {
    await table([endpointOf(a)])
    const client = new Client(host, port)
    const { pid } = proxy
    proxy.tell({ type: 'handover', command: [process.execPath, '-e', '0'] })
    await vi.waitFor(() => expect(proxy.log()).toContain('this one goes on'))
    expect([await client.ask(), proxy.pid]).toEqual(['a', pid])
    await proxy.handover()
    expect(await client.ask()).toBe('a')
    client.socket.destroy()
  })
})

/** Another build of the same program. */
function otherBuild(dir: string): readonly string[] {
  const path = join(dir, 'proxy-main.mjs')
  const program = JSON.stringify(proxyCommand.at(-1))
  writeFileSync(path, `process.argv[1] = ${JSON.stringify(path)}\nawait import(${program})\n`)
  return [...proxyCommand.slice(0, -1), path]
}

test('a control plane that finds a proxy of another build has it hand over', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'astern-proxy-'))
  const { port } = await givenBackend('a')
  const expose = async ({ service, pod, endpoints }: Actions, spec = {}) => {
    const created = await service('web', spec)
    await pod('a', { app: 'web', port })
    await vi.waitFor(async () => expect(await endpoints()).toHaveLength(1))
    return created.spec?.clusterIP ?? ''
  }
  const former = await givenTraffic({ dataDir })
  const clusterIP = await expose(former)
  const old = proxyIdentity(dataDir)
  const client = await vi.waitFor(async () => {
    const asking = new Client(clusterIP, 8080)
    expect(await asking.ask()).toBe('a')
    return asking
  })
  await former.traffic.stop()
  const given = await givenTraffic({
    dataDir,
    proxyCommand: otherBuild(dataDir),
    prepare: async (actions) => void (await expose(actions, { clusterIP })),
  })
  await vi.waitFor(() => expect(isAlive(old)).toBe(false), { timeout: 30_000 })
  expect(await client.ask()).toBe('a')
  expect(isAlive(proxyIdentity(dataDir))).toBe(true)
  client.socket.destroy()
  await given.end()
  endBackends()
})

type Actions = Pick<GivenTraffic, 'service' | 'pod' | 'endpoints'>
