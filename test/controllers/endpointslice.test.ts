import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EndpointSlice, Pod } from '../../src/api/generated/types.ts'
import { endpointSlices, namespaces, nodes, pods, services } from '../../src/api/scheme.ts'
import { createInformers } from '../../src/client/informers.ts'
import { createEventRecorder } from '../../src/client/recorder.ts'
import type { Controller } from '../../src/controller/reconciler.ts'
import { endpointSliceController } from '../../src/controllers/endpointslice/controller.ts'
import { type GivenApi, givenApi } from '../client/given-api.ts'

const namespace = 'shop'
let api: GivenApi
let controller: Controller
let stopInformers: () => Promise<void>

beforeEach(async () => {
  api = await givenApi()
  const { context, transport } = api
  const informers = createInformers(context, transport)
  const recorder = createEventRecorder(context, { transport, component: 'test' })
  controller = endpointSliceController({ context, transport, informers, recorder })
  stopInformers = () => informers.stop()
  await informers.start()
  controller.start()
  const name = { metadata: { name: namespace } }
  await transport.create(namespaces, {}, { apiVersion: 'v1', kind: 'Namespace', ...name })
})

afterEach(async () => {
  await controller.stop()
  await stopInformers()
  await api.stop()
})

async function givenService(): Promise<void> {
  await api.transport.create(services, { namespace }, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  } as never)
}

async function givenReadyPod(name: string, port: number): Promise<void> {
  const { transport } = api
  const key = { namespace, name }
  const created = await transport.create<Pod>(pods, { namespace }, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: { app: 'web' },
      annotations: { 'astern.dev/ports': `{"0":${port}}` },
    },
    spec: { nodeName: 'astern', containers: [{ name: 'app', image: 'i' }] },
  } as never)
  const conditions = [{ type: 'Ready', status: 'True' }]
  const status = { phase: 'Running', podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }], conditions }
  const pod: Pod = { ...created, status }
  await transport.update<Pod>(pods, key, pod, { subresource: 'status' })
}

/** `name:port ready/terminating` of every endpoint. */
async function endpoints(): Promise<string[]> {
  const { items } = await api.transport.list<EndpointSlice>(endpointSlices, { namespace })
  return items
    .flatMap(({ endpoints, ports }) =>
      (endpoints ?? []).map(({ targetRef, conditions }) => {
        const state = conditions?.terminating ? 'terminating' : conditions?.ready ? 'ready' : '-'
        return `${targetRef?.name}:${ports?.[0]?.port} ${state}`
      }),
    )
    .sort()
}

test('F-11: pods become endpoints on their real ports, and terminating at deletion', async () => {
  await givenService()
  await givenReadyPod('a', 20001)
  await givenReadyPod('b', 20002)
  await vi.waitFor(async () =>
    expect(await endpoints()).toEqual(['a:20001 ready', 'b:20002 ready']),
  )
  await api.transport.delete(pods, { namespace, name: 'a' })
  await vi.waitFor(async () =>
    expect(await endpoints()).toEqual(['a:20001 terminating', 'b:20002 ready']),
  )
  await api.transport.delete(pods, { namespace, name: 'a' }, { gracePeriodSeconds: 0 })
  await vi.waitFor(async () => expect(await endpoints()).toEqual(['b:20002 ready']))
})

test('many pods at once: each is in exactly one slice', async () => {
  await givenService()
  const names = Array.from({ length: 30 }, (_, index) => `p${index}`)
  await Promise.all(names.map((name, index) => givenReadyPod(name, 20001 + (index % 3))))
  const wanted = names.map((name, index) => `${name}:${20001 + (index % 3)} ready`).sort()
  await vi.waitFor(async () => expect(await endpoints()).toEqual(wanted))
  await vi.waitFor(async () => {
    const { items } = await api.transport.list(endpointSlices, { namespace })
    expect(items).toHaveLength(3)
  })
})

test('a slice that someone deletes comes back', async () => {
  await givenService()
  await givenReadyPod('a', 20001)
  await vi.waitFor(async () => expect(await endpoints()).toEqual(['a:20001 ready']))
  await api.transport.deleteCollection(endpointSlices, { namespace })
  await vi.waitFor(async () => expect(await endpoints()).toEqual(['a:20001 ready']))
})

test('F-11: says the zone of the node that a pod is on', async () => {
  const metadata = { name: 'astern', labels: { 'topology.kubernetes.io/zone': 'east' } }
  await api.transport.create(nodes, {}, { apiVersion: 'v1', kind: 'Node', metadata })
  await givenService()
  await givenReadyPod('a', 30001)
  await vi.waitFor(async () => {
    const { items } = await api.transport.list<EndpointSlice>(endpointSlices, { namespace })
    expect(items.flatMap((slice) => slice.endpoints ?? [])).toEqual([
      expect.objectContaining({ nodeName: 'astern', zone: 'east' }),
    ])
  })
})
