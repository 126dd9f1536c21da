import { expect, test } from 'vitest'
import { namespaces, resourceQuotas, services } from '../api/scheme.ts'
import { systemContext } from '../base/context.ts'
import { ApiServer } from './api-server.ts'
import { givenServer, inDefault, named } from './server.fixture.ts'

test('a new store gets the first namespaces and the Service of the API', async () => {
  const { api, stop } = await givenServer()
  const { items } = await api.list(namespaces, {})
  expect(items.map((item) => item.metadata.name)).toEqual([
    'default',
    'kube-node-lease',
    'kube-public',
    'kube-system',
  ])
  expect((await api.get(services, named('kubernetes'))).spec).toMatchObject({
    type: 'ClusterIP',
    clusterIP: '10.96.0.1',
    ports: [{ name: 'https', port: 443, protocol: 'TCP' }],
  })
  await stop()
})

test('a second start changes nothing', async () => {
  const given = await givenServer()
  given.server.stop()
  const before = given.store.revision
  const again = { context: systemContext(), store: given.store, serviceCidr: '10.96.0.0/16' }
  const server = await ApiServer.start(again)
  expect(given.store.revision).toBe(before)
  server.stop()
  await given.store.close()
})

test('a quota without room keeps no server from starting', async () => {
  const given = await givenServer()
  const spec = { hard: { services: '0' } }
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec }
  await given.api.create(resourceQuotas, inDefault, quota)
  const again = { context: systemContext(), store: given.store, serviceCidr: '10.96.0.0/16' }
  for (const deletes of [true, false]) {
    given.server.stop()
    const server = await ApiServer.start(again)
    server.stop()
    if (deletes) await given.api.delete(services, named('kubernetes'))
  }
  await given.store.close()
})

test('a range that is none is refused before anything is written', async () => {
  const { store, stop } = await givenServer()
  const bad = { context: systemContext(), store, serviceCidr: 'ten/8' }
  await expect(ApiServer.start(bad)).rejects.toThrow('ten/8 is not an IPv4 range')
  await stop()
})
