import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ClusterRole, RoleBinding, Subject } from '../../api/generated/types.ts'
import { clusterRoles, roleBindings, roles } from '../../api/scheme.ts'
import { type GivenServer, givenServer, inDefault, named, refusal } from '../server.fixture.ts'
import type { Access, ResourceAccess } from './access.ts'
import { clusterRole, grant, grantInDefault, group, role, user } from './given-access.fixture.ts'

const pods = { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }
const listPods: ResourceAccess = {
  verb: 'list',
  group: '',
  resource: 'pods',
  subresource: '',
  namespace: 'default',
  name: '',
}

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

/** '' when allowed. */
function outcome(name: string, access: Access = listPods, groups: string[] = []): string {
  try {
    given.server.authorize({ user: name, groups }, access)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

const denied =
  'pods is forbidden: User "ann" cannot list resource "pods" in API group "" in the namespace "default"'

describe('a user may', () => {
  test('nothing by himself', () => {
    expect(outcome('ann')).toBe(denied)
  })

  test('everything as one of the masters', () => {
    expect(outcome('ann', listPods, ['system:masters'])).toBe('')
    expect(outcome('ann', { verb: 'get', path: '/x' }, ['system:masters'])).toBe('')
  })

  test('what a binding for the cluster gives, anywhere', async () => {
    await grant(given.api, clusterRole('reader', [pods]), user('ann'))
    expect(outcome('ann')).toBe('')
    expect(outcome('ann', { ...listPods, namespace: '' })).toBe('')
    expect(outcome('ann', { ...listPods, resource: 'secrets' })).not.toBe('')
  })

  test('what a binding in a namespace gives, only there', async () => {
    await grantInDefault(given.api, role('reader', [pods]), user('ann'))
    expect(outcome('ann')).toBe('')
    expect(outcome('ann', { ...listPods, namespace: 'kube-system' })).not.toBe('')
    expect(outcome('ann', { ...listPods, namespace: '' })).not.toBe('')
  })

  const account: Subject = { kind: 'ServiceAccount', name: 'bot', namespace: 'kube-system' }
  test.each([
    ['by his group', group('team'), 'ann', ['team']],
    ['as a ServiceAccount', account, 'system:serviceaccount:kube-system:bot', []],
    [
      'as a ServiceAccount of the binding’s own namespace',
      { kind: 'ServiceAccount', name: 'bot' },
      'system:serviceaccount:default:bot',
      [],
    ],
  ])('do it %s', async (_how, subject, name, groups) => {
    await grantInDefault(given.api, role('reader', [pods]), subject)
    expect(outcome(name, listPods, groups)).toBe('')
    expect(outcome('ben', listPods, ['crowd'])).not.toBe('')
  })
})

describe('a change counts at once:', () => {
  test('a rule taken out of a role, and a role deleted', async () => {
    await grant(given.api, clusterRole('reader', [pods]), user('ann'))
    const present = await given.api.get<ClusterRole>(clusterRoles, { name: 'reader' })
    const emptied: ClusterRole = { ...present, rules: [] }
    await given.api.update(clusterRoles, { name: 'reader' }, emptied)
    expect(outcome('ann')).toBe(denied)
    await given.api.delete(clusterRoles, { name: 'reader' })
    const why = 'RBAC: clusterrole.rbac.authorization.k8s.io "reader" not found'
    expect(outcome('ann')).toBe(`${denied}: ${why}`)
  })

  test('a subject taken out of a binding, and a binding deleted', async () => {
    await grantInDefault(given.api, role('reader', [pods]), user('ann'), user('ben'))
    const bound = await given.api.get<RoleBinding>(roleBindings, named('reader'))
    const changed: RoleBinding = { ...bound, subjects: [user('ben')] }
    await given.api.update(roleBindings, named('reader'), changed)
    expect(outcome('ann')).toBe(denied)
    expect(outcome('ben')).toBe('')
    await given.api.delete(roleBindings, named('reader'))
    expect(outcome('ben')).not.toBe('')
  })
})

test('what is in the store already counts after a start', async () => {
  const { ApiServer } = await import('../api-server.ts')
  const { systemContext } = await import('../../base/context.ts')
  await grant(given.api, clusterRole('reader', [pods]), user('ann'))
  const context = systemContext()
  const { store } = given
  const second = await ApiServer.start({ context, store, serviceCidr: '10.96.0.0/16' })
  expect(() => second.authorize({ user: 'ann', groups: [] }, listPods)).not.toThrow()
  second.stop()
})

test('kinds of roles are validated in upstream’s words', async () => {
  const bad = role('r', [{ verbs: [], apiGroups: [''], nonResourceURLs: ['/a'] }])
  const error = await refusal(given.api.create(roles, inDefault, bad))
  expect(error.message).toBe(
    'Role.rbac.authorization.k8s.io "r" is invalid: [rules[0].verbs: Required value: verbs must contain at least one value, rules[0].nonResourceURLs: Invalid value: ["/a"]: namespaced rules cannot apply to non-resource URLs, rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs]',
  )
})
