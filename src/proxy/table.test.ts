import { describe, expect, test } from 'vitest'
import type { EndpointSlice, Pod, Secret, Service } from '../api/generated/types.ts'
import type { ObjectKey } from '../api/object.ts'
import { tableOf } from './table.ts'
import { targetsOf } from './targets.ts'

type Conditions = NonNullable<EndpointSlice['endpoints'][number]['conditions']>

function service(name: string, spec: Partial<Service['spec']>, createdAt = '2026'): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop', creationTimestamp: createdAt },
    spec: { clusterIP: '127.64.0.7', ports: [{ port: 80 }], ...spec },
  }
}

function slice(port: number, pods: Readonly<Record<string, Conditions>>, name = ''): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `web-${port}`, namespace: 'shop' },
    addressType: 'IPv4',
    ports: [{ name, port, protocol: 'TCP' }],
    endpoints: Object.entries(pods).map(([pod, conditions]) => ({
      addresses: ['127.0.0.1'],
      conditions,
      targetRef: { kind: 'Pod', name: pod, uid: `${pod}-uid` },
    })),
  }
}

const facts = {
  serviceListen: ['127.0.0.1'],
  findPod: ({ name }: ObjectKey): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { 'pod-template-hash': `${name}-hash` } },
  }),
  findSecret: ({ name }: ObjectKey) => secrets.find((secret) => secret.metadata.name === name),
}
const base64 = (text: string) => Buffer.from(text).toString('base64')
const secrets: readonly Secret[] = [
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'web-tls' },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': base64('CERTIFICATE'), 'tls.key': base64('KEY') },
  },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'opaque' }, type: 'Opaque' },
]
const ready = { ready: true, serving: true, terminating: false }
const terminating = { ready: false, serving: true, terminating: true }

const named = (name: string) => ({
  podUid: `${name}-uid`,
  podName: name,
  templateHash: `${name}-hash`,
})

function tableFor(services: readonly Service[], slices: readonly EndpointSlice[] = []) {
  return tableOf(services, { ...facts, slicesOf: () => slices })
}

describe('where a Service listens', () => {
  const listeners = (spec: Partial<Service['spec']>) =>
    tableFor([service('web', spec)]).table.flatMap((port) =>
      port.listeners.map(({ ip, port: number }) => `${ip}:${number}`),
    )
  const nodePort = [{ port: 80, nodePort: 30080 }]
  const loadBalancer = { type: 'LoadBalancer', ports: nodePort }

  test.each([
    ['ClusterIP', {}, ['127.64.0.7:80']],
    ['headless', { clusterIP: 'None' }, []],
    ['ExternalName', { type: 'ExternalName', externalName: 'x' }, []],
    ['UDP', { ports: [{ port: 53, protocol: 'UDP' }] }, []],
    ['NodePort', { type: 'NodePort', ports: nodePort }, ['127.64.0.7:80', '127.0.0.1:30080']],
    ['LoadBalancer', loadBalancer, ['127.64.0.7:80', '127.0.0.1:30080', '127.0.0.1:80']],
    [
      'LoadBalancer of another class',
      { ...loadBalancer, loadBalancerClass: 'x/y' },
      ['127.64.0.7:80', '127.0.0.1:30080'],
    ],
  ])('%s', (_, spec, expected) => {
    expect(listeners(spec)).toEqual(expected)
  })

  test.each([
    [{}, undefined],
    [{ sessionAffinity: 'ClientIP' }, 10_800],
    [
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 7 } } },
      7,
    ],
  ])('A-12: session affinity %j', (spec, seconds) => {
    expect(tableFor([service('web', spec)]).table[0]?.affinitySeconds).toBe(seconds)
  })

  test('two load balancers on one port: the older one has it', () => {
    const spec = { type: 'LoadBalancer' }
    const young = service('young', { ...spec, clusterIP: '127.64.0.8' }, '2026-02')
    const { table, withheld } = tableFor([young, service('old', spec, '2026-01')])
    expect(table.map(({ name, listeners }) => [name, listeners.length])).toEqual([
      ['old', 2],
      ['young', 1],
    ])
    expect(withheld).toEqual([
      {
        namespace: 'shop',
        name: 'young',
        ip: '127.0.0.1',
        port: 80,
        why: 'Service shop/old has the port: choose another one',
      },
    ])
  })
})

describe('TLS of load balancer ports', () => {
  const ports = [
    { name: 'http', port: 80 },
    { name: 'https', port: 443 },
  ]
  const tablesFor = (annotations: Readonly<Record<string, string>>) => {
    const plain = service('web', { type: 'LoadBalancer', ports })
    return tableFor([{ ...plain, metadata: { ...plain.metadata, annotations } }])
  }
  const isTls = ({ table }: ReturnType<typeof tablesFor>) =>
    table.map(({ listeners }) => listeners.map(({ tls }) => tls !== undefined))

  test('on all of them, never on the cluster IP', () => {
    const made = tablesFor({ 'astern.dev/tls-secret': 'web-tls', 'astern.dev/tls-host': 'A.test' })
    expect(isTls(made)).toEqual([
      [false, true],
      [false, true],
    ])
    const tls = { certificate: 'CERTIFICATE', key: 'KEY', host: 'a.test' }
    expect(made.table[0]?.listeners[1]?.tls).toEqual(tls)
  })

  test.each(['https', '443', '8443, 443'])('on those that are named: %s', (chosen) => {
    const annotations = { 'astern.dev/tls-secret': 'web-tls', 'astern.dev/tls-ports': chosen }
    expect(isTls(tablesFor(annotations))).toEqual([
      [false, false],
      [false, true],
    ])
  })

  test.each([
    ['none', 'Secret shop/none is not there; create it with "kubectl create secret tls"'],
    ['opaque', 'Secret shop/opaque has type Opaque, not kubernetes.io/tls'],
  ])('without a certificate nothing listens: %s', (name, why) => {
    const made = tablesFor({ 'astern.dev/tls-secret': name })
    expect(isTls(made)).toEqual([[false], [false]])
    expect(made.withheld.map((one) => [one.port, one.why])).toEqual([
      [80, why],
      [443, why],
    ])
  })
})

describe('endpoints of a Service port', () => {
  test('are those of all slices, each with the port of its slice (one per port map)', () => {
    const slices = [slice(20001, { a: ready }), slice(20002, { b: ready })]
    const [port] = tableFor([service('web', {})], slices).table
    expect(port?.endpoints).toEqual([
      { ip: '127.0.0.1', port: 20001, ...named('a'), ...ready },
      { ip: '127.0.0.1', port: 20002, ...named('b'), ...ready },
    ])
  })
  test('are found by the name of the port', () => {
    const ports = [
      { name: 'http', port: 80 },
      { name: 'admin', port: 81 },
    ]
    const { table } = tableFor([service('web', { ports })], [slice(20001, { a: ready }, 'admin')])
    expect(table.map(({ port, endpoints }) => [port, endpoints.length])).toEqual([
      ['http', 0],
      ['admin', 1],
    ])
  })
  test('in two slices at once: terminating counts', () => {
    const slices = [slice(20001, { a: terminating }), slice(20001, { a: ready })]
    const [port] = tableFor([service('web', {})], slices).table
    expect(port?.endpoints).toMatchObject([{ podUid: 'a-uid', terminating: true }])
  })
  test('without conditions are ready', () => {
    const [port] = tableFor([service('web', {})], [slice(20001, { a: {} })]).table
    expect(port?.endpoints).toMatchObject([ready])
  })
})

describe('F-12: who gets new requests', () => {
  const notReady = { ready: false, serving: false, terminating: false }
  const dying = { ready: false, serving: false, terminating: true }
  const published = { ready: true, serving: false, terminating: true }
  test.each([
    ['the ready ones', [ready, notReady, terminating], [ready]],
    ['none ready: those that serve and terminate', [notReady, terminating, dying], [terminating]],
    ['none of either: nobody', [notReady, dying], []],
    ['publishNotReadyAddresses: terminating ones come second', [published, ready], [ready]],
    ['publishNotReadyAddresses: but they come', [published, notReady], [published]],
  ])('%s', (_, endpoints, targets) => {
    expect(targetsOf(endpoints)).toEqual(targets)
  })
})
