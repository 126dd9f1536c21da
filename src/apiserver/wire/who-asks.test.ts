import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ServiceAccount, TokenRequest } from '../../api/generated/types.ts'
import { serviceAccounts } from '../../api/scheme.ts'
import { clusterRole, grant, user } from '../auth/given-access.fixture.ts'
import { transportFor } from '../in-process-transport.ts'
import { caller } from '../server.fixture.ts'
import { type Answer, type Ask, type ServedApi, serveApi } from './served-api.fixture.ts'

let api: ServedApi
let token: string

const podsPath = '/api/v1/namespaces/default/pods'
const whoPath = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
const botName = 'system:serviceaccount:default:bot'

beforeAll(async () => {
  api = await serveApi()
  const transport = transportFor(api.server, caller)
  const metadata = { name: 'bot', namespace: 'default' }
  const account: ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata }
  await transport.create(serviceAccounts, { namespace: 'default' }, account)
  const everything = { verbs: ['create'], apiGroups: ['*'], resources: ['selfsubjectreviews'] }
  const mayBe = {
    verbs: ['impersonate'],
    apiGroups: [''],
    resources: ['users', 'groups'],
    resourceNames: ['ann', 'team', 'a,b'],
  }
  await grant(transport, clusterRole('who', [everything, mayBe]), user(botName), user('ann'))
  const request = await api.ask(`/api/v1/namespaces/default/serviceaccounts/bot/token`, {
    method: 'POST',
    body: '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}',
  })
  token = (JSON.parse(request.text) as TokenRequest).status?.token ?? ''
})
afterAll(() => api.close())

/** Without a certificate. */
function askAs(headers: Ask['headers'], path: string, ask: Ask = {}): Promise<Answer> {
  return api.ask(path, { ...ask, headers }, api.session())
}

const bearer = () => ({ authorization: `Bearer ${token}` })

async function whoIs(headers: Ask['headers']) {
  const answer = await askAs({ ...bearer(), ...headers }, whoPath, { method: 'POST', body: '{}' })
  const { status, message } = JSON.parse(answer.text)
  return { code: answer.code, ...status?.userInfo, message }
}

describe('a bearer token', () => {
  test('stands for its account', async () => {
    expect(await whoIs({})).toMatchObject({ code: 201, username: botName })
  })

  test('does not help where no role does, in upstream’s words', async () => {
    const { code, text } = await askAs(bearer(), podsPath)
    expect(code).toBe(403)
    expect(JSON.parse(text)).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `pods is forbidden: User "${botName}" cannot list resource "pods" in API group "" in the namespace "default"`,
      reason: 'Forbidden',
      details: { kind: 'pods' },
      code: 403,
    })
  })

  test.each([
    ['is wrong', () => ({ authorization: `Bearer ${token}x` })],
    ['is missing', () => ({})],
    ['is empty', () => ({ authorization: 'Bearer ' })],
    ['is a password', () => ({ authorization: `Basic ${Buffer.from('a:b').toString('base64')}` })],
  ])('that %s is refused with 401', async (_how, headers) => {
    const { code, text } = await askAs(headers(), podsPath)
    expect(code).toBe(401)
    expect(JSON.parse(text)).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    })
  })
})

describe('without any credential', () => {
  test.each(['/healthz', '/livez', '/readyz', '/version', '/readyz/ping'])(
    '%s is open',
    async (path) => {
      expect((await askAs({}, path)).code).toBe(200)
    },
  )

  test.each(['/', '/api', '/apis', '/openapi/v2', '/openid/v1/jwks', podsPath, '/metrics', '/x'])(
    '%s is closed',
    async (path) => {
      expect((await askAs({}, path)).code).toBe(401)
    },
  )

  test('a bad token is refused even where none is needed', async () => {
    expect((await askAs({ authorization: 'Bearer x' }, '/version')).code).toBe(401)
  })
})

describe('a path that is no resource’s', () => {
  test('needs a rule, too', async () => {
    const { code, text } = await askAs(bearer(), '/openapi/v2')
    expect(code).toBe(403)
    expect(JSON.parse(text).message).toBe(
      `forbidden: User "${botName}" cannot get path "/openapi/v2"`,
    )
  })

  test('does not tell whether it is there', async () => {
    expect((await askAs(bearer(), '/apis/no.such/v1/things')).code).toBe(403)
    expect((await api.ask('/apis/no.such/v1/things')).code).toBe(404)
  })
})

describe('impersonation', () => {
  test('makes the request somebody else’s, who may be refused', async () => {
    const who = await whoIs({ 'impersonate-user': 'ann', 'impersonate-group': 'team' })
    expect(who).toMatchObject({ username: 'ann', groups: ['team', 'system:authenticated'] })
    const { text } = await askAs({ ...bearer(), 'impersonate-user': 'ann' }, podsPath)
    expect(JSON.parse(text).message).toContain('User "ann" cannot list resource "pods"')
  })

  test.each([
    [
      { 'impersonate-user': 'root' },
      `users "root" is forbidden: User "${botName}" cannot impersonate resource "users" in API group "" at the cluster scope`,
    ],
    [
      { 'impersonate-user': 'ann', 'impersonate-group': 'system:masters' },
      `groups "system:masters" is forbidden: User "${botName}" cannot impersonate resource "groups" in API group "" at the cluster scope`,
    ],
    [
      { 'impersonate-user': 'system:serviceaccount:kube-system:x' },
      `serviceaccounts "x" is forbidden: User "${botName}" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "kube-system"`,
    ],
    [
      { 'impersonate-user': 'ann', 'impersonate-extra-scopes': 'all' },
      `userextras.authentication.k8s.io "all" is forbidden: User "${botName}" cannot impersonate resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope`,
    ],
    [
      { 'impersonate-user': 'ann', 'impersonate-uid': '1' },
      `uids.authentication.k8s.io "1" is forbidden: User "${botName}" cannot impersonate resource "uids" in API group "authentication.k8s.io" at the cluster scope`,
    ],
  ])('needs a rule: %o', async (headers, message) => {
    expect(await whoIs(headers)).toMatchObject({ code: 403, message })
  })

  test('of a group with a comma stays one group', async () => {
    const who = await whoIs({ 'impersonate-user': 'ann', 'impersonate-group': 'a,b' })
    expect(who.groups).toEqual(['a,b', 'system:authenticated'])
  })

  test('of nobody is a bad request', async () => {
    expect((await whoIs({ 'impersonate-group': 'team' })).code).toBe(400)
  })

  test('of a ServiceAccount puts it into its groups', async () => {
    const headers = { 'impersonate-user': 'system:serviceaccount:default:bot' }
    const { text } = await api.ask(whoPath, { method: 'POST', body: '{}', headers })
    expect(JSON.parse(text).status.userInfo).toEqual({
      username: botName,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    })
  })
})

test('the issuer of tokens can be discovered', async () => {
  const { text } = await api.ask('/.well-known/openid-configuration')
  expect(JSON.parse(text)).toMatchObject({
    issuer: 'https://kubernetes.default.svc.cluster.local',
    jwks_uri: 'https://kubernetes.default.svc.cluster.local/openid/v1/jwks',
    id_token_signing_alg_values_supported: ['ES256'],
  })
  const keys = await api.ask('/openid/v1/jwks')
  expect(keys.headers['content-type']).toBe('application/jwk-set+json')
  expect(JSON.parse(keys.text).keys[0]).toMatchObject({ use: 'sig', kty: 'EC', alg: 'ES256' })
  expect(keys.text).not.toContain('"d"')
})
