import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClusterRoleBinding } from '../../api/generated/types.ts'
import {
  clusterRoleBindings,
  clusterRoles,
  configMaps,
  roleBindings,
  roles,
} from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import { transportFor } from '../in-process-transport.ts'
import { type GivenServer, givenServer, inDefault, named, refusal } from '../server.fixture.ts'
import { clusterRole, grant, role, roleBinding, user } from './given-access.fixture.ts'

const pods = { verbs: ['get'], apiGroups: [''], resources: ['pods'] }
const secrets = { verbs: ['get'], apiGroups: [''], resources: ['secrets'] }
const rbac = ['rbac.authorization.k8s.io']

let given: GivenServer
let ann: Transport
let lead: Transport

beforeAll(async () => {
  given = await givenServer()
  const as = (name: string) =>
    transportFor(given.server, { user: name, groups: ['team'], userAgent: 'test' })
  ann = as('ann')
  lead = as('lead')
  await grant(given.api, clusterRole('pods', [pods]), user('ann'))
  await grant(
    given.api,
    clusterRole('lead', [{ verbs: ['escalate', 'bind'], apiGroups: rbac, resources: ['*'] }]),
    user('lead'),
  )
  await given.api.create(clusterRoles, {}, clusterRole('secrets', [secrets]))
})
afterAll(() => given.stop())

const why =
  'user "ann" (groups=["team"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}'

describe('who may write roles and bindings gives only what he has:', () => {
  test('a role within his own rules', async () => {
    await ann.create(roles, inDefault, role('own', [pods]))
  })

  test('no role beyond them, by create, update or patch', async () => {
    const created = await refusal(ann.create(roles, inDefault, role('more', [secrets])))
    expect(created.message).toBe(`roles.rbac.authorization.k8s.io "more" is forbidden: ${why}`)
    expect(created.code).toBe(403)
    await given.api.create(roles, inDefault, role('grows', [pods]))
    const updated = ann.update(roles, named('grows'), role('grows', [pods, secrets]))
    expect((await refusal(updated)).message).toContain(why)
    const patch = { type: 'application/merge-patch+json', body: { rules: [secrets] } } as const
    const patched = await refusal(ann.patch(roles, named('grows'), patch))
    expect(patched.message).toContain(why)
    expect(await given.api.get(roles, named('grows'))).toMatchObject({ rules: [pods] })
  })

  test('a binding to a role whose rules he has, and to no other', async () => {
    await ann.create(roleBindings, inDefault, roleBinding('mine', 'ClusterRole/pods', user('ben')))
    const more = roleBinding('more', 'ClusterRole/secrets', user('ben'))
    const error = await refusal(ann.create(roleBindings, inDefault, more))
    expect(error.message).toBe(`rolebindings.rbac.authorization.k8s.io "more" is forbidden: ${why}`)
  })

  test('no binding to a role that does not exist yet', async () => {
    const early = roleBinding('early', 'ClusterRole/later', user('ann'))
    const error = await refusal(ann.create(roleBindings, inDefault, early))
    expect(error.code).toBe(404)
  })

  test('no aggregation without everything', async () => {
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] }
    const aggregated = { ...clusterRole('sum', []), aggregationRule }
    const error = await refusal(ann.create(clusterRoles, {}, aggregated))
    expect(error.message).toContain('must have cluster-admin privileges to use an aggregationRule')
  })
})

test('`escalate` and `bind` lift that', async () => {
  await lead.create(clusterRoles, {}, clusterRole('any', [secrets]))
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'any' }
  const binding: ClusterRoleBinding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'any' },
    roleRef,
    subjects: [user('ben')],
  }
  await lead.create(clusterRoleBindings, {}, binding)
})

test('the role of a binding cannot be changed', async () => {
  await given.api.create(roleBindings, inDefault, roleBinding('b', 'ClusterRole/pods'))
  const changed = roleBinding('b', 'ClusterRole/secrets')
  const error = await refusal(given.api.update(roleBindings, named('b'), changed))
  expect(error.message).toContain(
    'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"ClusterRole","Name":"secrets"}: cannot change roleRef',
  )
})

test('an apply of something new needs the right to create it', async () => {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' } }
  const patch = { type: 'application/apply-patch+yaml', body } as const
  const applied = ann.patch(configMaps, named('new'), patch, { fieldManager: 'ann' })
  expect((await refusal(applied)).message).toBe(
    'configmaps "new" is forbidden: User "ann" cannot create resource "configmaps" in API group "" in the namespace "default"',
  )
})
