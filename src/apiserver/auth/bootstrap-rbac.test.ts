import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ClusterRole } from '../../api/generated/types.ts'
import { autoupdateAnnotation } from '../../api/names.ts'
import { clusterRoleBindings, clusterRoles } from '../../api/scheme.ts'
import { type GivenServer, givenServer } from '../server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
  await given.server.bootstrapBuiltIns()
})
afterEach(() => given.stop())

const get = (name: string) => given.api.get(clusterRoles, { name }) as Promise<ClusterRole>

test('makes the roles that everybody counts on, and aggregated ones have their rules', async () => {
  const { items } = await given.api.list(clusterRoles, {})
  const names = items.map(({ metadata }) => metadata.name)
  expect(names).toEqual(expect.arrayContaining(['admin', 'cluster-admin', 'edit', 'view']))
  const resources = async (name: string) => (await get(name)).rules?.flatMap((r) => r.resources)
  expect(await resources('view')).not.toContain('secrets')
  expect(await resources('edit')).toEqual(expect.arrayContaining(['secrets', 'endpointslices']))
  expect(await resources('admin')).toEqual(expect.arrayContaining(['secrets', 'rolebindings']))
  expect((await get('view')).metadata.labels).toEqual({
    'kubernetes.io/bootstrapping': 'rbac-defaults',
    'rbac.authorization.k8s.io/aggregate-to-edit': 'true',
  })
})

test('a second start writes nothing', async () => {
  const { revision } = given.store
  await given.server.bootstrapBuiltIns()
  expect(given.store.revision).toBe(revision)
})

test('what was taken out comes back, what was added stays', async () => {
  const { metadata, ...basic } = await get('system:basic-user')
  const extra = { verbs: ['get'], apiGroups: ['own'], resources: ['things'] }
  const changed = { ...basic, metadata, rules: [extra] }
  await given.api.update(clusterRoles, { name: 'system:basic-user' }, changed)
  await given.api.delete(clusterRoleBindings, { name: 'system:discovery' })
  await given.server.bootstrapBuiltIns()
  const rules = (await get('system:basic-user')).rules ?? []
  expect(rules[0]).toEqual(extra)
  expect(rules.flatMap((rule) => rule.resources)).toContain('selfsubjectreviews')
  await given.api.get(clusterRoleBindings, { name: 'system:discovery' })
})

test('autoupdate "false" keeps the server’s hands off', async () => {
  const present = await get('system:basic-user')
  const annotations = { [autoupdateAnnotation]: 'false' }
  const own = { ...present, metadata: { ...present.metadata, annotations }, rules: [] }
  await given.api.update(clusterRoles, { name: 'system:basic-user' }, own)
  await given.server.bootstrapBuiltIns()
  expect((await get('system:basic-user')).rules ?? []).toEqual([])
})
