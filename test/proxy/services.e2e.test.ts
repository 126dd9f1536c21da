import { request } from 'node:http'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { EndpointSlice, Secret, Service } from '../../src/api/generated/types.ts'
import { endpointSlices, secrets, services } from '../../src/api/scheme.ts'
import { type Backend, endBackends, givenBackend } from './backend.ts'
import { type GivenCertificate, givenCertificate } from './certificate.ts'
import { freePort } from './free-port.ts'
import { type GivenPod, type GivenTraffic, givenTraffic } from './given-traffic.ts'

const namespace = 'default'
const hostName = 'shop.example'
let given: GivenTraffic
let a: Backend
let b: Backend

beforeAll(async () => {
  given = await givenTraffic()
  ;[a, b] = await Promise.all([givenBackend('a'), givenBackend('b')])
})

afterAll(async () => {
  await given.end()
  endBackends()
})

/** The name of the program that answers; from a client at `from`. */
function ask(host: string, port: number, from = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host, port, path: '/name', localAddress: from, agent: false }
    const asked = request(options, async (response) => {
      let body = ''
      for await (const chunk of response) body += chunk
      resolve(response.statusCode === 200 ? body : `${response.statusCode}`)
    })
    asked.on('error', reject).end()
  })
}

async function inTraffic(app: string, count: number): Promise<void> {
  await vi.waitFor(async () => {
    const rows = await given.traffic.stats.snapshot()
    expect(rows.filter((row) => row.service === app && row.inTraffic)).toHaveLength(count)
  })
}

/** A Service of this name with these pods; resolves with its cluster IP when they get requests. */
async function serve(
  app: string,
  spec: Partial<Service['spec']>,
  pods: Readonly<Record<string, Omit<GivenPod, 'app'>>>,
): Promise<Service> {
  const service = await given.service(app, spec)
  for (const [name, pod] of Object.entries(pods)) await given.pod(name, { app, ...pod })
  await inTraffic(app, Object.keys(pods).length)
  return service
}

const ipOf = ({ spec }: Service) => spec?.clusterIP ?? ''

async function answers(count: number, one: () => Promise<string>): Promise<readonly string[]> {
  const all: string[] = []
  for (let turn = 0; turn < count; turn++) all.push(await one())
  return [...new Set(all)].sort()
}

describe('sessionAffinity ClientIP', () => {
  const affinity = (timeoutSeconds: number) => ({
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds } },
  })

  test('a client stays with one endpoint, another client has its own, until it leaves', async () => {
    const pods = { 'sticky-a': { port: a.port }, 'sticky-b': { port: b.port } }
    const host = ipOf(await serve('sticky', affinity(60), pods))
    const [first] = await answers(6, () => ask(host, 8080))
    const [second] = await answers(6, () => ask(host, 8080, '127.0.0.2'))
    expect([first, second].sort()).toEqual(['a', 'b'])
    const pod = await given.terminate(`sticky-${first}`)
    expect(await given.traffic.gate.drained(pod, 5_000)).toBe('drained')
    expect(await answers(4, () => ask(host, 8080))).toEqual([second])
  })

  test('the time-out lets it go elsewhere', async () => {
    const pods = { 'brief-a': { port: a.port }, 'brief-b': { port: b.port } }
    const host = ipOf(await serve('brief', affinity(1), pods))
    const first = await ask(host, 8080)
    await vi.waitFor(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 1_050))
        expect(await ask(host, 8080)).not.toBe(first)
      },
      { timeout: 10_000 },
    )
  })
})

describe('ports', () => {
  test('several, with named and numeric targets', async () => {
    const ports = [
      { name: 'http', port: 80, targetPort: 'web' },
      { name: 'admin', port: 81, targetPort: 9_000 },
    ]
    const declared = { web: [8_000, a.port], admin: [9_000, b.port] } as const
    const host = ipOf(await serve('two', { ports }, { 'two-1': { port: 9, ports: declared } }))
    expect([await ask(host, 80), await ask(host, 81)]).toEqual(['a', 'b'])
  })

  test('NodePort, from 127.0.0.1', async () => {
    const service = await serve('node', { type: 'NodePort' }, { 'node-1': { port: a.port } })
    expect(await ask('127.0.0.1', service.spec?.ports?.[0]?.nodePort ?? 0)).toBe('a')
  })

  test('LoadBalancer admits only its source ranges', async () => {
    const port = await freePort()
    const spec = { type: 'LoadBalancer', ports: [{ port }] }
    const loadBalancerSourceRanges = ['127.0.0.2/32']
    await serve('ranged', { ...spec, loadBalancerSourceRanges }, { 'ranged-1': { port: a.port } })
    expect(await ask('127.0.0.1', port, '127.0.0.2')).toBe('a')
    await expect(ask('127.0.0.1', port)).rejects.toThrow()
  })
})

describe('endpoints', () => {
  test('publishNotReadyAddresses: pods that are not ready get requests', async () => {
    const pods = { 'early-1': { port: a.port, ready: false } }
    const host = ipOf(await serve('early', { publishNotReadyAddresses: true }, pods))
    expect(await ask(host, 8080)).toBe('a')
  })

  test('without selector: the slices that somebody has written', async () => {
    const service = await given.service('manual', { selector: undefined })
    const slice: EndpointSlice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'by-hand', labels: { 'kubernetes.io/service-name': 'manual' } },
      addressType: 'IPv4',
      ports: [{ name: '', port: b.port }],
      endpoints: [{ addresses: ['127.0.0.1'] }],
    }
    await given.transport.create(endpointSlices, { namespace }, slice)
    await inTraffic('manual', 1)
    expect(await ask(ipOf(service), 8080)).toBe('b')
  })

  test('headless and ExternalName: slices, but nothing that listens (A-12)', async () => {
    const headless = await given.service('headless', { clusterIP: 'None' })
    await given.pod('headless-1', { app: 'headless', port: a.port })
    const type = 'ExternalName'
    const alias = await given.service('alias', { type, externalName: 'example.org', ports: [] })
    expect([headless.spec?.clusterIPs, alias.spec?.clusterIP]).toEqual([['None'], undefined])
    await vi.waitFor(async () => {
      const { items } = await given.transport.list<EndpointSlice>(endpointSlices, { namespace })
      const slice = items.find(({ metadata }) => metadata.ownerReferences?.[0]?.name === 'headless')
      expect(slice?.endpoints[0]?.targetRef?.name).toBe('headless-1')
      expect(slice?.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'])
    })
    const names = (await given.traffic.stats.snapshot()).map(({ service }) => service)
    expect(names).not.toContain('headless')
    expect(names).not.toContain('alias')
  })
})

describe('TLS from a Secret', () => {
  let port: number

  const secretOf = ({ certificate, key }: GivenCertificate): Secret => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'shop-tls' },
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': Buffer.from(certificate).toString('base64'),
      'tls.key': Buffer.from(key).toString('base64'),
    },
  })

  /** The whole answer, over TLS, as a client that trusts only `ca`. */
  const askTls = (ca: string, servername: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connectTls({ host: '127.0.0.1', port, ca, servername })
      let text = ''
      socket.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      socket.on('end', () => resolve(text)).on('error', reject)
      socket.write('GET /name HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    })

  test('without the Secret the port stays closed, and an Event says why', async () => {
    port = await freePort()
    const annotations = { 'astern.dev/tls-secret': 'shop-tls', 'astern.dev/tls-host': hostName }
    await given.service('shop', { type: 'LoadBalancer', ports: [{ port }] })
    await given.transport.patch(
      services,
      { namespace, name: 'shop' },
      { type: 'application/merge-patch+json', body: { metadata: { annotations } } },
    )
    await given.pod('shop-1', { app: 'shop', port: a.port })
    await vi.waitFor(async () => {
      expect(await given.events('ListenFailed')).toContain(
        `Cannot listen on 127.0.0.1:${port}: Secret default/shop-tls is not there; ` +
          'create it with "kubectl create secret tls"',
      )
      await expect(ask('127.0.0.1', port)).rejects.toThrow('ECONNREFUSED')
    })
  })

  test('answers for its one host name, and follows a new certificate', async () => {
    const first = await givenCertificate(hostName)
    await given.transport.create(secrets, { namespace }, secretOf(first))
    await vi.waitFor(async () => expect(await askTls(first.ca, hostName)).toMatch(/a\r\n0|\r\na$/))
    expect(await askTls(first.ca, 'other.example').catch(() => '')).toBe('')
    const next = await givenCertificate(hostName)
    const key = { namespace, name: 'shop-tls' }
    await given.transport.update(secrets, key, secretOf(next))
    await vi.waitFor(async () => expect(await askTls(next.ca, hostName)).toContain(' 200 OK'))
    await expect(askTls(first.ca, hostName)).rejects.toThrow()
  })
})
