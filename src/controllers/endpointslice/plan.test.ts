import { describe, expect, test } from 'vitest'
import type { EndpointSlice, Pod, Service } from '../../api/generated/types.ts'
import { endpointsPerSliceMax, planSlices } from './plan.ts'

const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop', uid: 'service-uid', labels: { team: 'a' } },
  spec: { clusterIP: '127.64.0.9', selector: { app: 'web' }, ports: [{ port: 80 }] },
}

interface GivenPod {
  readonly ready?: boolean
  readonly deleted?: boolean
  readonly phase?: string
  readonly ip?: string | undefined
  readonly ports?: string
}

function pod(name: string, given: GivenPod = {}): Pod {
  const { ready = true, deleted = false, phase = 'Running', ports } = given
  const podIP = 'ip' in given ? given.ip : '10.0.0.1'
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'shop',
      uid: `${name}-uid`,
      ...(deleted && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      ...(ports && { annotations: { 'astern.dev/ports': ports } }),
    },
    spec: {
      nodeName: 'node-1',
      containers: [{ name: 'app', image: 'i', ports: [{ name: 'http', containerPort: 8080 }] }],
    },
    status: {
      phase,
      ...(podIP !== undefined && { podIP }),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  }
}

function withPort(targetPort: number | string, spec: Partial<Service['spec']> = {}): Service {
  return { ...service, spec: { ...service.spec, ports: [{ port: 80, targetPort }], ...spec } }
}

/** As the server would have stored what a plan creates. */
function stored(slices: readonly EndpointSlice[], prefix = 'web'): EndpointSlice[] {
  return slices.map((slice, index) => ({
    ...slice,
    metadata: { ...slice.metadata, name: `${prefix}-${index}`, resourceVersion: '1' },
  }))
}

function plan(pods: readonly Pod[], slices: readonly EndpointSlice[] = [], of = service) {
  return planSlices({ service: of, pods, slices })
}

function conditionsOf(given: GivenPod, of = service) {
  return plan([pod('p', given)], [], of).create[0]?.endpoints[0]?.conditions
}

describe('F-11: conditions of an endpoint', () => {
  test.each([
    [{ ready: true }, { ready: true, serving: true, terminating: false }],
    [{ ready: false }, { ready: false, serving: false, terminating: false }],
    [
      { ready: true, deleted: true },
      { ready: false, serving: true, terminating: true },
    ],
    [
      { ready: false, deleted: true },
      { ready: false, serving: false, terminating: true },
    ],
  ])('%j', (given, conditions) => {
    expect(conditionsOf(given)).toEqual(conditions)
  })

  test('publishNotReadyAddresses makes every endpoint ready', () => {
    const of = { ...service, spec: { ...service.spec, publishNotReadyAddresses: true } }
    expect(conditionsOf({ ready: false }, of)?.ready).toBe(true)
    expect(conditionsOf({ deleted: true }, of)?.ready).toBe(true)
  })
})

describe('F-11: which pods', () => {
  test.each([
    ['terminal, Succeeded', { phase: 'Succeeded' }],
    ['terminal, Failed', { phase: 'Failed' }],
    ['without IP', { ip: undefined }],
  ])('%s: left out', (_, given) => {
    expect(plan([pod('p', given)]).create).toMatchObject([{ endpoints: [], ports: [] }])
  })
})

test('F-11: a slice names its Service in generateName, labels and ownerReference', () => {
  const [slice] = plan([pod('p')]).create
  expect(slice).toEqual({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: 'web-',
      namespace: 'shop',
      labels: {
        team: 'a',
        'kubernetes.io/service-name': 'web',
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      ownerReferences: [
        {
          apiVersion: 'v1',
          kind: 'Service',
          name: 'web',
          uid: 'service-uid',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    addressType: 'IPv4',
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
    endpoints: [
      {
        addresses: ['10.0.0.1'],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: 'node-1',
        targetRef: { kind: 'Pod', namespace: 'shop', name: 'p', uid: 'p-uid' },
      },
    ],
  })
})

describe('target ports', () => {
  const portsOf = (of: Service, given: GivenPod = {}) =>
    plan([pod('p', given)], [], of).create[0]?.ports?.map(({ port }) => port)

  test('a name means the container port that declares it', () => {
    expect(portsOf(withPort('http'))).toEqual([8080])
  })
  test('a name that no container declares: no port', () => {
    expect(portsOf(withPort('admin'))).toEqual([])
  })
  test('process pods: the real port, by name and by number, headless too', () => {
    const given = { ports: '{"8080":20001}' }
    expect(portsOf(withPort('http'), given)).toEqual([20001])
    expect(portsOf(withPort(8080), given)).toEqual([20001])
    expect(portsOf(withPort(8080, { clusterIP: 'None' }), given)).toEqual([20001])
  })
  test('process pods: an undeclared number means the default port', () => {
    expect(portsOf(withPort(9999), { ports: '{"0":20002}' })).toEqual([20002])
  })
})

test('process pods: one slice per port map', () => {
  const pods = [20001, 20002, 20001].map((port, index) =>
    pod(`p${index}`, { ports: `{"8080":${port}}` }),
  )
  const slices = plan(pods, [], withPort(8080)).create
  expect(slices.map(({ ports, endpoints }) => [ports?.[0]?.port, endpoints.length])).toEqual([
    [20001, 2],
    [20002, 1],
  ])
})

describe('F-11: stable slices', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => pod(`p${index}`))
  const sizes = (slices: readonly EndpointSlice[]) => slices.map((slice) => slice.endpoints.length)

  test('at most 100 endpoints each', () => {
    expect(endpointsPerSliceMax).toBe(100)
    expect(sizes(plan(many(250)).create)).toEqual([100, 100, 50])
  })
  test('what is right is not written', () => {
    const slices = stored(plan(many(250)).create)
    expect(plan(many(250), slices)).toEqual({ create: [], update: [], delete: [] })
  })
  test('one changed pod: one slice written', () => {
    const slices = stored(plan(many(250)).create)
    const pods = many(250).with(120, pod('p120', { deleted: true }))
    const { create, update, ...rest } = plan(pods, slices)
    expect([create, rest.delete]).toEqual([[], []])
    expect(update.map(({ metadata }) => metadata.name)).toEqual(['web-1'])
    expect(update[0]?.endpoints[20]?.conditions?.terminating).toBe(true)
  })
  test('a new pod goes where there is room', () => {
    const slices = stored(plan(many(150)).create)
    const { create, update } = plan(many(151), slices)
    expect(create).toEqual([])
    expect(update.map(({ metadata }) => metadata.name)).toEqual(['web-1'])
  })
  test('an emptied slice goes; the last keeps the place with no endpoints', () => {
    const slices = stored(plan(many(101)).create)
    expect(plan(many(100), slices).delete.map(({ metadata }) => metadata.name)).toEqual(['web-1'])
    const place = plan([], stored(plan(many(1)).create))
    expect(place.create).toMatchObject([{ endpoints: [], ports: [] }])
    expect(place.delete).toHaveLength(1)
    expect(plan([], stored(place.create)).create).toEqual([])
  })
  test('an endpoint in two slices stays in one', () => {
    const [slice] = plan(many(1)).create
    const slices = [...stored([slice as EndpointSlice]), ...stored([slice as EndpointSlice], 'x')]
    const { update, ...rest } = plan(many(1), slices)
    expect(update).toEqual([])
    expect(rest.delete.map(({ metadata }) => metadata.name)).toEqual(['x-0'])
  })
  test("the Service's changed labels reach the slices", () => {
    const slices = stored(plan(many(1)).create)
    const of = { ...service, metadata: { ...service.metadata, labels: { team: 'b' } } }
    expect(plan(many(1), slices, of).update[0]?.metadata.labels?.team).toBe('b')
  })
})
