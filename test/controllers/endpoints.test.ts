import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Endpoints, Pod, Service } from '../../src/api/generated/types.ts'
import { endpointSlices, endpoints, pods, services } from '../../src/api/scheme.ts'
import { settled } from '../../src/base/virtual-clock.ts'
import { createInformers } from '../../src/client/informers.ts'
import { createEventRecorder } from '../../src/client/recorder.ts'
import type { Controller } from '../../src/controller/reconciler.ts'
import { endpointsController } from '../../src/controllers/endpointslice/endpoints-controller.ts'
import { endpointSliceMirroring } from '../../src/controllers/endpointslice/mirroring-controller.ts'
import { type GivenApi, givenApi } from '../client/given-api.ts'

const where = { namespace: 'default' }
const web = { ...where, name: 'web' }
let api: GivenApi
let controllers: readonly Controller[]
let stopInformers: () => Promise<void>

beforeEach(async () => {
  api = await givenApi()
  const { context, transport } = api
  const informers = createInformers(context, transport)
  const recorder = createEventRecorder(context, { transport, component: 'test' })
  const options = { context, transport, informers, recorder }
  controllers = [endpointsController(options), endpointSliceMirroring(options)]
  stopInformers = () => informers.stop()
  await informers.start()
  for (const controller of controllers) controller.start()
})

afterEach(async () => {
  await Promise.all(controllers.map((controller) => controller.stop()))
  await stopInformers()
  await api.stop()
})

async function pass(ms = 1000): Promise<void> {
  const untilMs = api.clock.now() + ms
  api.clock.setTimeout(() => {}, ms)
  await settled()
  while (api.clock.now() < untilMs && api.clock.step()) await settled()
}

function givenService(spec: Partial<Service['spec']>): Promise<Service> {
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', labels: { team: 'a' } },
    spec: { ports: [{ port: 80, targetPort: 8080 }], ...spec },
  }
  return api.transport.create(services, where, service)
}

async function givenPod(name: string, ip: string, isReady: boolean): Promise<void> {
  const { transport } = api
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'web' } },
    spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'i' }] },
  }
  const created = await transport.create(pods, where, pod)
  const conditions = [{ type: 'Ready', status: isReady ? 'True' : 'False' }]
  const status = { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions }
  await transport.update(pods, { ...where, name }, { ...created, status } as Pod, {
    subresource: 'status',
  })
}

const stored = () => api.transport.get(endpoints, web)
const slices = async () => (await api.transport.list(endpointSlices, where)).items

test('F-12: ready pods are addresses, others notReadyAddresses, terminating ones are left out', async () => {
  await givenService({ selector: { app: 'web' } })
  await givenPod('b', '10.0.0.2', true)
  await givenPod('a', '10.0.0.1', true)
  await givenPod('c', '10.0.0.3', false)
  await pass()
  const target = (name: string) => expect.objectContaining({ kind: 'Pod', name, ...where })
  expect(await stored()).toMatchObject({
    metadata: {
      labels: { team: 'a', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
    },
    subsets: [
      {
        addresses: [
          { ip: '10.0.0.1', nodeName: 'node-1', targetRef: target('a') },
          { ip: '10.0.0.2', nodeName: 'node-1', targetRef: target('b') },
        ],
        notReadyAddresses: [{ ip: '10.0.0.3', nodeName: 'node-1', targetRef: target('c') }],
        ports: [{ port: 8080, protocol: 'TCP' }],
      },
    ],
  })
  await api.transport.delete(pods, { ...where, name: 'a' })
  await pass()
  expect((await stored()).subsets?.[0]?.addresses?.map(({ ip }) => ip)).toEqual(['10.0.0.2'])
  // Those that the controller keeps are not mirrored: they have slices of their own.
  expect(await slices()).toEqual([])
})

test.each<[what: string, spec: Partial<Service['spec']>, subsets: number]>([
  ['that has no such port is none', { ports: [{ port: 80, targetPort: 'absent' }] }, 0],
  ['of a headless Service without ports is one', { clusterIP: 'None', ports: [] }, 1],
])('F-12: a pod %s', async (_, spec, subsets) => {
  await givenService({ selector: { app: 'web' }, ...spec })
  await givenPod('a', '10.0.0.1', true)
  await pass()
  expect((await stored()).subsets ?? []).toHaveLength(subsets)
})

test('Endpoints go with their Service', async () => {
  await givenService({ selector: { app: 'web' } })
  await pass()
  expect((await stored()).subsets).toBeUndefined()
  await api.transport.delete(services, web)
  await pass()
  await expect(stored()).rejects.toMatchObject({ code: 404 })
})

const byHand = (ip: string, ready = true): Endpoints => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'web', labels: { mine: 'yes' } },
  subsets: [
    {
      [ready ? 'addresses' : 'notReadyAddresses']: [{ ip }],
      ports: [{ name: 'http', port: 9000 }],
    },
  ],
})

test('Endpoints of a Service without selector are mirrored as slices', async () => {
  await givenService({})
  await api.transport.create(endpoints, where, byHand('10.1.1.1'))
  await pass()
  expect(await slices()).toMatchObject([
    {
      metadata: {
        labels: {
          mine: 'yes',
          'kubernetes.io/service-name': 'web',
          'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
        },
        ownerReferences: [{ kind: 'Endpoints', name: 'web', controller: true }],
      },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.1.1'], conditions: { ready: true } }],
      ports: [{ name: 'http', port: 9000, protocol: 'TCP' }],
    },
  ])
  await api.transport.update(endpoints, web, byHand('10.1.1.2', false))
  await pass()
  expect((await slices()).map((slice) => slice.endpoints)).toEqual([
    [{ addresses: ['10.1.1.2'], conditions: { ready: false } }],
  ])
  const skipped = byHand('10.1.1.2')
  const labels = { 'endpointslice.kubernetes.io/skip-mirror': 'true' }
  await api.transport.update(endpoints, web, { ...skipped, metadata: { name: 'web', labels } })
  await pass()
  expect(await slices()).toEqual([])
})

test('an empty subset and unnamed ports are refused', async () => {
  const refused = (subsets: Endpoints['subsets']) =>
    api.transport
      .create(endpoints, where, { ...byHand('10.0.0.1'), subsets } as Endpoints)
      .catch((error: Error) => error.message)
  expect(await refused([{}])).toBe(
    'Endpoints "web" is invalid: subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`',
  )
  const two = [{ port: 1 }, { name: 'b', port: 2 }]
  expect(await refused([{ addresses: [{ ip: '10.0.0.1' }], ports: two }])).toBe(
    'Endpoints "web" is invalid: subsets[0].ports[0].name: Required value',
  )
})
