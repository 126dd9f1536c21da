import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Service, ServiceSpec } from '../../api/generated/types.ts'
import { services } from '../../api/scheme.ts'
import { systemContext } from '../../base/context.ts'
import { ApiServer } from '../api-server.ts'
import { transportFor } from '../in-process-transport.ts'
import {
  caller,
  type GivenServer,
  givenServer,
  inDefault,
  named,
  refusal,
  service,
} from '../server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

const create = (name: string, spec: Partial<ServiceSpec> = {}) =>
  given.api.create(services, inDefault, service(name, spec))
const patch = (name: string, spec: Record<string, string | null>) =>
  given.api.patch(services, named(name), {
    type: 'application/strategic-merge-patch+json',
    body: { spec },
  })
const nodePorts = ({ spec }: Service) => spec?.ports?.map(({ nodePort }) => nodePort)

describe('A-12: what a new Service gets', () => {
  test('an address of the range, in both forms', async () => {
    const { spec } = await create('a')
    expect(spec?.clusterIP).toMatch(/^10\.96\.\d+\.\d+$/)
    expect(spec?.clusterIPs).toEqual([spec?.clusterIP])
    expect(spec?.ports?.[0]).not.toHaveProperty('nodePort')
  })

  test.each(['NodePort', 'LoadBalancer'])('%s: a node port for each port', async (type) => {
    const ports = [
      { name: 'a', port: 80 },
      { name: 'b', port: 81 },
    ]
    const found = nodePorts(await create('a', { type, ports })) ?? []
    expect(new Set(found).size).toBe(2)
    for (const port of found) expect(port).toBeGreaterThanOrEqual(30_000)
    for (const port of found) expect(port).toBeLessThanOrEqual(32_767)
  })

  test('headless: none', async () => {
    const { spec } = await create('a', { clusterIP: 'None' })
    expect(spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] })
  })

  test('ExternalName: none', async () => {
    const { spec } = await create('a', { type: 'ExternalName', externalName: 'x.example' })
    expect(spec).not.toHaveProperty('clusterIP')
  })

  test('what it asks for', async () => {
    const ports = [{ port: 80, nodePort: 30_080 }]
    const { spec } = await create('a', { type: 'NodePort', clusterIP: '10.96.7.7', ports })
    expect(spec).toMatchObject({ clusterIPs: ['10.96.7.7'], ports: [{ nodePort: 30_080 }] })
  })
})

test.each<[string, Partial<ServiceSpec>, string]>([
  [
    'an address that is taken',
    { clusterIP: '10.96.7.7' },
    'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.7.7"]: failed to allocate IP 10.96.7.7: provided IP is already allocated',
  ],
  [
    'an address out of the range',
    { clusterIP: '10.97.0.1' },
    'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.97.0.1"]: failed to allocate IP 10.97.0.1: the provided network does not match the current range',
  ],
  [
    'a node port that is taken',
    { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] },
    'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
  ],
  [
    'a node port out of the range',
    { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] },
    'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
  ],
])('A-47: %s is refused', async (_what, spec, message) => {
  const ports = [{ port: 80, nodePort: 30_080 }]
  await create('a', { type: 'NodePort', clusterIP: '10.96.7.7', ports })
  expect(await refusal(create('b', spec))).toMatchObject({ code: 422, message })
})

test('of two that race for an address or a port, one gets it; a refusal holds nothing', async () => {
  const wanted = {
    type: 'NodePort',
    clusterIP: '10.96.7.7',
    ports: [{ port: 80, nodePort: 30_080 }],
  }
  const outcomes = await Promise.allSettled([create('a', wanted), create('b', wanted)])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  await given.api.delete(services, named('a'))
  expect((await create('b', wanted)).spec?.clusterIP).toBe('10.96.7.7')
})

test('TCP and UDP of one Service may share a node port', async () => {
  const ports = [
    { name: 'a', port: 53, protocol: 'TCP', nodePort: 30_053 },
    { name: 'b', port: 53, protocol: 'UDP', nodePort: 30_053 },
  ]
  expect(nodePorts(await create('a', { type: 'NodePort', ports }))).toEqual([30_053, 30_053])
})

describe('updates', () => {
  test('a PUT that leaves out what was allocated keeps it', async () => {
    const first = await create('a', { type: 'NodePort' })
    const put = await given.api.update(services, named('a'), service('a', { type: 'NodePort' }))
    expect(put).toBe(first)
  })

  test('a headless Service stays headless', async () => {
    const first = await create('a', { clusterIP: 'None' })
    expect(await given.api.update(services, named('a'), service('a'))).toBe(first)
  })

  test('ClusterIP becomes NodePort and back', async () => {
    const first = await create('a')
    const exposed = await patch('a', { type: 'NodePort' })
    expect(nodePorts(exposed)?.[0]).toBeGreaterThanOrEqual(30_000)
    const back = await patch('a', { type: 'ClusterIP' })
    expect(back.spec).toEqual(first.spec)
  })

  test('ClusterIP becomes ExternalName and gives its address back', async () => {
    const first = await create('a')
    const { spec } = await patch('a', { type: 'ExternalName', externalName: 'x.example' })
    expect(spec).not.toHaveProperty('clusterIP')
    const { clusterIP } = first.spec ?? {}
    expect((await create('b', { clusterIP })).spec?.clusterIP).toBe(clusterIP)
  })
})

test('a restart knows what is taken', async () => {
  const first = await create('a', { clusterIP: '10.96.7.7' })
  given.server.stop()
  const server = await ApiServer.start({
    context: systemContext(),
    store: given.store,
    serviceCidr: '10.96.0.0/16',
  })
  const api = transportFor(server, caller)
  expect(await api.get(services, named('a'))).toBe(first)
  const again = api.create(services, inDefault, service('b', { clusterIP: '10.96.7.7' }))
  expect((await refusal(again)).message).toContain('provided IP is already allocated')
  server.stop()
})

test('a full range says so, and a dry run takes nothing', async () => {
  const context = systemContext()
  const server = await ApiServer.start({ context, store: given.store, serviceCidr: '10.96.0.0/30' })
  const api = transportFor(server, caller)
  const dry = await api.create(services, inDefault, service('a'), { dryRun: true })
  expect(dry.spec?.clusterIP).toBe('10.96.0.2')
  const real = await api.create(services, inDefault, service('a'))
  expect(real.spec?.clusterIP).toBe('10.96.0.2')
  const error = await refusal(api.create(services, inDefault, service('b')))
  expect(error).toMatchObject({ code: 500, message: expect.stringContaining('range is full') })
  server.stop()
})
