import { deepStrictEqual as equal, ok } from 'node:assert/strict'
import type { EndpointSlice, Service, ServiceSpec } from '../../../src/api/generated/types.ts'
import { endpointSlices, endpoints, pods, services } from '../../../src/api/scheme.ts'
import { suite } from '../body.ts'
import { gated, podOf } from '../objects.ts'
import { nameOf, uidOf, type World } from '../world.ts'

const managedBy = 'endpointslice.kubernetes.io/managed-by'

function createService(world: World, name: string, spec: ServiceSpec): Promise<Service> {
  return world.create<Service>({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec })
}

function slicesOf(world: World, service: string): Promise<readonly EndpointSlice[]> {
  return world.list(endpointSlices, `kubernetes.io/service-name=${service}`)
}

/** Until the Service's slices refer to exactly these pods, and its Endpoints do too. */
function refersTo(world: World, service: string, names: readonly string[]): Promise<unknown> {
  return world.until(`${service} has the endpoints [${names}]`, async () => {
    const found = (await slicesOf(world, service)).flatMap((slice) => slice.endpoints ?? [])
    const targets = found.map(({ targetRef }) => targetRef?.name ?? '').sort()
    const mirror = await world.find(endpoints, service)
    const addresses = (mirror?.subsets ?? []).flatMap((one) => one.addresses ?? [])
    const mirrored = addresses.map(({ targetRef }) => targetRef?.name ?? '').sort()
    return String(targets) === String(names) && String(mirrored) === String(names)
  })
}

async function pointsToApi(world: World): Promise<void> {
  const key = { namespace: 'default', name: 'kubernetes' }
  await world.api.get(services, key)
  const { subsets = [] } = await world.api.get(endpoints, key)
  const { items } = await world.api.list(
    endpointSlices,
    { namespace: 'default' },
    { labelSelector: 'kubernetes.io/service-name=kubernetes' },
  )
  const inEndpoints = subsets.flatMap((one) => (one.addresses ?? []).map(({ ip }) => ip))
  const inSlices = items.flatMap((slice) => (slice.endpoints ?? []).flatMap((one) => one.addresses))
  ok(inEndpoints.length > 0)
  equal([...inSlices].sort(), [...inEndpoints].sort())
  const portsOf = (
    found: readonly { readonly ports?: readonly { readonly port?: number }[] }[],
  ) => [...new Set(found.flatMap(({ ports = [] }) => ports.map(({ port }) => port)))]
  equal(portsOf(items), portsOf(subsets))
}

async function createsAndDeletes(world: World): Promise<void> {
  const selector = { 'does-not-match-anything': 'slices-are-made-all-the-same' }
  const ports = [{ name: 'example', port: 80, protocol: 'TCP' }]
  const service = await createService(world, 'empty', { selector, ports })
  await world.until('the Endpoints are there', () => world.find(endpoints, 'empty'))
  const slice = await world.until('a slice is there', async () => {
    return (await slicesOf(world, 'empty'))[0]
  })
  equal(slice.metadata.labels?.[managedBy], 'endpointslice-controller.k8s.io')
  equal(slice.metadata.ownerReferences?.[0]?.uid, uidOf(service))
  equal(slice.endpoints ?? [], [])
  await world.delete(services, 'empty')
  await world.until('the Endpoints are gone', () => world.isGone(endpoints, 'empty'))
  await world.until('the slices are gone', async () => {
    return (await slicesOf(world, 'empty')).length === 0
  })
}

async function matchesPods(world: World): Promise<void> {
  const image = world.images.first
  const port = (name: string, containerPort: number) => ({ name, containerPort })
  const make = (name: string, ...ports: readonly ReturnType<typeof port>[]) =>
    world.create(
      podOf({ name, image, labels: { [name]: 'on', shared: 'on' }, container: { ports } }),
    )
  await make('pod1', port('example-name', 3000))
  await make('pod2', port('example-name', 3001), port('other-port', 3002))
  const serve = (name: string, label: string, targetPort: number | string) =>
    createService(world, name, {
      selector: { [label]: 'on' },
      publishNotReadyAddresses: true,
      ports: [{ name: 'http', port: 80, targetPort, protocol: 'TCP' }],
    })
  await serve('int-port', 'pod1', 3000)
  await serve('named-port', 'shared', 'example-name')
  await serve('no-match', 'pod3', 8080)
  await refersTo(world, 'int-port', ['pod1'])
  await refersTo(world, 'named-port', ['pod1', 'pod2'])
  await refersTo(world, 'no-match', [])
  // Pods that mean different numbers by one name are in slices of their own.
  equal((await slicesOf(world, 'named-port')).length, 2)
  for (const slice of await slicesOf(world, 'named-port')) {
    await world.delete(endpointSlices, nameOf(slice))
  }
  await refersTo(world, 'named-port', ['pod1', 'pod2'])
}

async function supportsApi(world: World): Promise<void> {
  const label = { 'special-label': world.namespace }
  const selector = `special-label=${world.namespace}`
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { generateName: 'e2e-example-', labels: label },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['1.2.3.4', '5.6.7.8'] }, { addresses: ['2.2.3.4', '6.6.7.8'] }],
  }
  await world.create(slice)
  await world.create(slice)
  const made = await world.create(slice)
  const name = nameOf(made)
  equal(uidOf(await world.get(endpointSlices, name)), uidOf(made))
  equal((await world.list(endpointSlices, selector)).length, 3)
  const everywhere = await world.api.list(endpointSlices, {}, { labelSelector: selector })
  equal(everywhere.items.length, 3)
  const heard = world.watch(endpointSlices, selector)
  const patched = await world.patch(endpointSlices, name, {
    metadata: { annotations: { patched: 'true' } },
  })
  equal(patched.metadata.annotations?.patched, 'true')
  const updated = await world.replace(endpointSlices, name, (found) => ({
    ...found,
    metadata: { ...found.metadata, annotations: { updated: 'true' } },
    endpoints: [{ addresses: ['4.3.2.1'] }],
  }))
  equal(updated.endpoints?.[0]?.addresses, ['4.3.2.1'])
  await world.hears(heard, 'the update', ({ object }) => {
    return object.metadata.annotations?.updated === 'true'
  })
  await world.delete(endpointSlices, name)
  await world.hears(heard, 'the deletion', ({ type, object }) => {
    return type === 'DELETED' && nameOf(object) === name
  })
  equal((await world.list(endpointSlices, selector)).length, 2)
  const where = { namespace: world.namespace }
  await world.api.deleteCollection(endpointSlices, where, { labelSelector: selector })
  equal(await world.list(endpointSlices, selector), [])
}

/** Readiness decides about `ready` and `serving`; an address that is not ready is mirrored so. */
async function followsReadiness(world: World): Promise<void> {
  const labels = { app: 'app' }
  await world.create(podOf({ name: 'app', image: world.images.first, labels, pod: gated }))
  await createService(world, 'app', { selector: labels, ports: [{ port: 80, targetPort: 80 }] })
  const is = (isReady: boolean) =>
    world.until(`the endpoint is ${isReady ? '' : 'not '}ready`, async () => {
      const [slice] = await slicesOf(world, 'app')
      const { ready, serving, terminating } = slice?.endpoints?.[0]?.conditions ?? {}
      return ready === isReady && serving === isReady && terminating === false
    })
  await is(false)
  await world.setReady('app', true)
  await is(true)
  await refersTo(world, 'app', ['app'])
  await world.setReady('app', false)
  await is(false)
  await world.delete(pods, 'app')
  await world.until('no endpoint is left', async () => {
    return (await slicesOf(world, 'app')).every(({ endpoints: left = [] }) => left.length === 0)
  })
}

export const endpointSliceBodies = suite('EndpointSlice', {
  'I-30 should have Endpoints and EndpointSlices pointing to API Server': {
    needsPrograms: true,
    run: pointsToApi,
  },
  'I-30 should create and delete Endpoints and EndpointSlices for a Service with a selector specified':
    createsAndDeletes,
  'I-30 should create Endpoints and EndpointSlices for Pods matching a Service': matchesPods,
  'I-30 should support creating EndpointSlice API operations': supportsApi,
  'I-30 should follow the readiness of a pod': followsReadiness,
})
