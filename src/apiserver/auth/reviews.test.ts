import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  SelfSubjectRulesReview,
  ServiceAccount,
  SubjectAccessReview,
  TokenReview,
} from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import { apiVersionOf, type Resource } from '../../api/resource.ts'
import {
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectReviews,
  selfSubjectRulesReviews,
  serviceAccounts,
  subjectAccessReviews,
  tokenReviews,
} from '../../api/scheme.ts'
import { caller, type GivenServer, givenServer, inDefault, refusal } from '../server.fixture.ts'
import { clusterRole, grant, grantInDefault, role, user } from './given-access.fixture.ts'

let given: GivenServer
const pods = { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }
const metrics = { verbs: ['get'], nonResourceURLs: ['/metrics'] }

beforeAll(async () => {
  given = await givenServer()
  await grantInDefault(given.api, role('reader', [pods]), user('ann'))
  await grant(given.api, clusterRole('metrics', [metrics]), user('ann'))
})
afterAll(() => given.stop())

const ann = { user: 'ann', groups: ['team'], userAgent: 'test', uid: 'u1', extra: { a: ['b'] } }

async function ask<T extends KubeObject>(
  resource: Resource<T>,
  spec: object,
  as = ann as typeof caller,
): Promise<T> {
  const body = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: {}, spec }
  const object = body as unknown as KubeObject
  const where = resource.namespaced ? inDefault : {}
  const written = await given.server.create(as, resource, where, { object }, {})
  expect(written.code).toBe(201)
  return written.object as T
}

const listPods = { verb: 'list', resource: 'pods', namespace: 'default' }
const why = 'RBAC: allowed by RoleBinding "reader/default" of Role "reader" to User "ann"'

test('who I am', async () => {
  const { status } = await ask(selfSubjectReviews, {})
  expect(status?.userInfo).toEqual({
    username: 'ann',
    uid: 'u1',
    groups: ['team'],
    extra: { a: ['b'] },
  })
})

describe('what I may', () => {
  test.each([
    ['a resource', { resourceAttributes: listPods }, { allowed: true, reason: why }],
    [
      'what nobody gave',
      { resourceAttributes: { ...listPods, verb: 'delete' } },
      { allowed: false },
    ],
    ['all namespaces', { resourceAttributes: { ...listPods, namespace: '' } }, { allowed: false }],
    [
      'a path',
      { nonResourceAttributes: { verb: 'get', path: '/metrics' } },
      {
        allowed: true,
        reason:
          'RBAC: allowed by ClusterRoleBinding "metrics" of ClusterRole "metrics" to User "ann"',
      },
    ],
  ])('%s', async (_what, spec, status) => {
    expect((await ask(selfSubjectAccessReviews, spec)).status).toEqual(status)
  })

  test('as a list', async () => {
    const { status }: SelfSubjectRulesReview = await ask(selfSubjectRulesReviews, {
      namespace: 'default',
    })
    expect(status).toEqual({
      resourceRules: [pods],
      nonResourceRules: [metrics],
      incomplete: false,
    })
  })

  test('as one of the masters: everything', async () => {
    const { status } = await ask(selfSubjectRulesReviews, { namespace: 'default' }, caller)
    expect(status).toMatchObject({
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    })
  })
})

test('what others may, here or anywhere', async () => {
  const spec = { user: 'ann', resourceAttributes: listPods }
  const { status }: SubjectAccessReview = await ask(subjectAccessReviews, spec, caller)
  expect(status).toEqual({ allowed: true, reason: why })
  expect((await ask(localSubjectAccessReviews, spec, caller)).status?.allowed).toBe(true)
  const ben = await ask(subjectAccessReviews, { ...spec, user: 'ben' }, caller)
  expect(ben.status).toEqual({ allowed: false })
})

test.each([
  [
    selfSubjectAccessReviews,
    {},
    'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
  ],
  [
    subjectAccessReviews,
    { resourceAttributes: listPods },
    'spec.user: Invalid value: "": at least one of user or group must be specified',
  ],
  [
    localSubjectAccessReviews,
    { user: 'ann', resourceAttributes: { ...listPods, namespace: 'other' } },
    'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
  ],
  [selfSubjectRulesReviews, {}, 'no namespace on request'],
  [tokenReviews, {}, 'token is required for TokenReview in authentication'],
] as const)('a question that cannot be answered: %o', async (resource, spec, message) => {
  const error = await refusal(ask(resource as Resource, spec))
  expect(error.message).toContain(message)
})

test('whose a token is', async () => {
  const metadata = { name: 'bot', namespace: 'default' }
  const account: ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata }
  await given.api.create(serviceAccounts, inDefault, account)
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {} }
  const body = { object: { ...request, spec: { audiences: ['vault', 'db'] } } as KubeObject }
  const options = { subresource: 'token' } as const
  const where = { ...inDefault, name: 'bot' }
  const { object } = await given.server.create(caller, serviceAccounts, where, body, options)
  const { token } = (object as TokenReview & { status: { token: string } }).status
  const forVault = { token, audiences: ['vault'] }
  const { spec, status } = await ask<TokenReview>(tokenReviews, forVault, caller)
  expect(status).toMatchObject({ authenticated: true, audiences: ['vault'] })
  expect(status?.user?.username).toBe('system:serviceaccount:default:bot')
  expect(spec.token).not.toBe(token)
  const forUs = await ask<TokenReview>(tokenReviews, { token }, caller)
  expect(forUs.status).toEqual({ user: {}, error: 'invalid bearer token' })
})
