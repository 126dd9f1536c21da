import { describe, expect, test } from 'vitest'
import type { EndpointSlice, Service } from '../api/generated/types.ts'
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

const options = { serviceListen: ['127.0.0.1'] }
const ready = { ready: true, serving: true, terminating: false }
const terminating = { ready: false, serving: true, terminating: true }

function tableFor(services: readonly Service[], slices: readonly EndpointSlice[] = []) {
  return tableOf(services, () => slices, options)
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

  test('two load balancers on one port: the older one has it', () => {
    const spec = { type: 'LoadBalancer' }
    const young = service('young', { ...spec, clusterIP: '127.64.0.8' }, '2026-02')
    const { table, clashes } = tableFor([young, service('old', spec, '2026-01')])
    expect(table.map(({ name, listeners }) => [name, listeners.length])).toEqual([
      ['old', 2],
      ['young', 1],
    ])
    expect(clashes).toEqual([
      { namespace: 'shop', name: 'young', ip: '127.0.0.1', port: 80, holder: 'shop/old' },
    ])
  })
})

describe('endpoints of a Service port', () => {
  test('are those of all slices, each with the port of its slice (one per port map)', () => {
    const slices = [slice(20001, { a: ready }), slice(20002, { b: ready })]
    const [port] = tableFor([service('web', {})], slices).table
    expect(port?.endpoints).toEqual([
      { ip: '127.0.0.1', port: 20001, podUid: 'a-uid', podName: 'a', ...ready },
      { ip: '127.0.0.1', port: 20002, podUid: 'b-uid', podName: 'b', ...ready },
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
