import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configMaps, namespaces, pods, serviceAccounts } from '../../src/api/scheme.ts'
import { isStatusError } from '../../src/api/status-error.ts'
import { createInformers } from '../../src/client/informers.ts'
import type { Informers } from '../../src/client/lister.ts'
import type { Controller } from '../../src/controller/reconciler.ts'
import { namespaceController } from '../../src/controllers/namespace/controller.ts'
import { serviceAccountController } from '../../src/controllers/service-account/controller.ts'
import { type GivenApi, givenApi } from '../client/given-api.ts'

let api: GivenApi
let informers: Informers
let controllers: readonly Controller[]

beforeEach(async () => {
  api = await givenApi()
  const { context, transport } = api
  informers = createInformers(context, transport)
  controllers = [
    namespaceController({ context, transport, informers }),
    serviceAccountController({ context, transport, informers, caCertificate: 'PEM' }),
  ]
  await informers.start()
  for (const controller of controllers) controller.start()
  await create(namespaces, { name: 'shop' })
  await api.clock.advance(1_000)
})

afterEach(async () => {
  await Promise.all(controllers.map((controller) => controller.stop()))
  await informers.stop()
  await api.stop()
})

function create(resource: typeof namespaces | typeof configMaps | typeof pods, metadata: object) {
  const { namespace } = metadata as { namespace?: string }
  const spec = resource === pods ? { spec: { containers: [{ name: 'c', image: 'i' }] } } : {}
  const object = { apiVersion: 'v1', kind: resource.kind, metadata, ...spec }
  return api.transport.create(resource as typeof configMaps, { namespace }, object)
}

const shop = () => api.transport.get(namespaces, { name: 'shop' })

describe('namespaces', () => {
  it('E-22: get a default ServiceAccount and the root certificate, again when deleted', async () => {
    const account = { namespace: 'shop', name: 'default' }
    const rootCa = { namespace: 'shop', name: 'kube-root-ca.crt' }
    expect((await api.transport.get(configMaps, rootCa)).data).toEqual({ 'ca.crt': 'PEM' })
    const before = await api.transport.get(serviceAccounts, account)
    await api.transport.delete(serviceAccounts, account)
    await api.clock.advance(1_000)
    const after = await api.transport.get(serviceAccounts, account)
    expect(after.metadata.uid).not.toBe(before.metadata.uid)
  })

  it('E-22: have the root certificate and nothing else in its place', async () => {
    const rootCa = { namespace: 'shop', name: 'kube-root-ca.crt' }
    const body = { data: { 'ca.crt': 'FORGED', more: 'x' } }
    const patch = { type: 'application/merge-patch+json', body } as const
    await api.transport.patch(configMaps, rootCa, patch)
    await api.clock.advance(1_000)
    const { data, metadata } = await api.transport.get(configMaps, rootCa)
    expect(data).toEqual({ 'ca.crt': 'PEM' })
    await api.clock.advance(60_000)
    const later = await api.transport.get(configMaps, rootCa)
    expect(later.metadata.resourceVersion).toBe(metadata.resourceVersion)
  })

  it('E-20: deletion empties them, then lets them go', async () => {
    await create(configMaps, { namespace: 'shop', name: 'a' })
    await create(pods, { namespace: 'shop', name: 'p' })
    const going = await api.transport.delete(namespaces, { name: 'shop' })
    expect(going).toMatchObject({ status: { phase: 'Terminating' } })
    await api.clock.advance(3_000)
    await expect(shop()).rejects.toSatisfy((error) => isStatusError(error, 'NotFound'))
    const { items } = await api.transport.list(configMaps, { namespace: 'shop' })
    expect(items).toEqual([])
  })

  it('E-20: says what remains, and with which finalizers', async () => {
    await create(configMaps, { namespace: 'shop', name: 'a', finalizers: ['example.com/hold'] })
    await api.transport.delete(namespaces, { name: 'shop' })
    await api.clock.advance(2_000)
    const conditions = (await shop()).status?.conditions ?? []
    const held = conditions.filter(({ status }) => status === 'True')
    expect(held.map(({ type, reason, message }) => [type, reason, message])).toEqual([
      [
        'NamespaceContentRemaining',
        'SomeResourcesRemain',
        'Some resources are remaining: configmaps. has 1 resource instances',
      ],
      [
        'NamespaceFinalizersRemaining',
        'SomeFinalizersRemain',
        'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
      ],
    ])
    const reasons = conditions.map(({ reason }) => reason)
    expect(reasons).toEqual(
      expect.arrayContaining(['ResourcesDiscovered', 'ParsedGroupVersions', 'ContentDeleted']),
    )
    const patch = { type: 'application/merge-patch+json', body: { metadata: { finalizers: null } } }
    await api.transport.patch(configMaps, { namespace: 'shop', name: 'a' }, patch as never)
    await api.clock.advance(2_000)
    await expect(shop()).rejects.toSatisfy((error) => isStatusError(error, 'NotFound'))
  })

  it('E-21: nothing is created in one that is going away', async () => {
    await create(configMaps, { namespace: 'shop', name: 'a', finalizers: ['example.com/hold'] })
    await api.transport.delete(namespaces, { name: 'shop' })
    await expect(create(configMaps, { namespace: 'shop', name: 'b' })).rejects.toMatchObject({
      reason: 'Forbidden',
      message:
        'configmaps "b" is forbidden: unable to create new content in namespace shop because it is being terminated',
    })
  })
})
