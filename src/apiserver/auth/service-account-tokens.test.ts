import { decodeJwt, jwtVerify, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Pod, Secret, ServiceAccount, TokenRequest } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import { pods, secrets, serviceAccounts } from '../../api/scheme.ts'
import {
  caller,
  type GivenServer,
  givenServer,
  inDefault,
  named,
  pod,
  refusal,
} from '../server.fixture.ts'
import { newSigningKey } from './signing-key.ts'

let given: GivenServer
let account: ServiceAccount
beforeEach(async () => {
  given = await givenServer()
  const metadata = { name: 'bot', namespace: 'default' }
  const made: ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata }
  account = await given.api.create(serviceAccounts, inDefault, made)
})
afterEach(() => given.stop())

async function request(spec: object = {}, name = 'bot'): Promise<TokenRequest> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec }
  const where = { namespace: 'default', name }
  const options = { subresource: 'token' } as const
  const written = await given.server.create(
    caller,
    serviceAccounts,
    where,
    { object: body as KubeObject },
    options,
  )
  expect(written.code).toBe(201)
  return written.object as TokenRequest
}

async function token(spec: object = {}): Promise<string> {
  return (await request(spec)).status?.token ?? ''
}

const whose = (text: string) => given.server.authenticateToken(text)
const botName = 'system:serviceaccount:default:bot'

describe('a token of a ServiceAccount', () => {
  test('stands for the account and its groups', async () => {
    const identity = await whose(await token())
    expect(identity).toMatchObject({
      user: botName,
      uid: account.metadata.uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    })
    expect(identity?.extra?.['authentication.kubernetes.io/credential-id']).toHaveLength(1)
  })

  test('says what upstream’s says, and can be checked with the published key', async () => {
    const { spec, status } = await request({ expirationSeconds: 600 })
    expect(spec.audiences).toEqual(['https://kubernetes.default.svc.cluster.local'])
    const { keys } = (await given.server.tokenKeys()) as unknown as { keys: object[] }
    const currentDate = new Date(given.clock.now())
    const { payload } = await jwtVerify(status?.token ?? '', keys[0] as never, { currentDate })
    expect(payload).toMatchObject({
      iss: 'https://kubernetes.default.svc.cluster.local',
      sub: botName,
      'kubernetes.io': {
        namespace: 'default',
        serviceaccount: { name: 'bot', uid: account.metadata.uid },
      },
    })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600)
    expect(Date.parse(status?.expirationTimestamp ?? '') / 1000).toBe(payload.exp)
  })

  test('ends when its time is over', async () => {
    const text = await token({ expirationSeconds: 600 })
    await given.clock.advance(599_000)
    expect(await whose(text)).toBeDefined()
    await given.clock.advance(2_000)
    expect(await whose(text)).toBeUndefined()
  })

  test('is void when its account is gone, even if one of that name comes back', async () => {
    const text = await token()
    await given.api.delete(serviceAccounts, named('bot'))
    expect(await whose(text)).toBeUndefined()
    const { metadata: _, ...rest } = account
    const again = { ...rest, metadata: { name: 'bot', namespace: 'default' } }
    await given.api.create(serviceAccounts, inDefault, again)
    expect(await whose(text)).toBeUndefined()
  })

  test('for other audiences is not for this API', async () => {
    expect(await whose(await token({ audiences: ['vault'] }))).toBeUndefined()
  })
})

describe('a token that is bound', () => {
  const ofBot = { serviceAccountName: 'bot', nodeName: 'n1' }
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'app' }

  test('to a pod says so, and is void when the pod is gone', async () => {
    const { metadata } = await given.api.create<Pod>(pods, inDefault, pod('app', ofBot))
    const text = await token({ boundObjectRef })
    expect((await whose(text))?.extra).toMatchObject({
      'authentication.kubernetes.io/node-name': ['n1'],
      'authentication.kubernetes.io/pod-name': ['app'],
      'authentication.kubernetes.io/pod-uid': [metadata.uid],
    })
    await given.api.delete(pods, named('app'), { gracePeriodSeconds: 0 })
    expect(await whose(text)).toBeUndefined()
  })

  test('to a Secret is void when that is gone', async () => {
    const metadata = { name: 's', namespace: 'default' }
    const secret: Secret = { apiVersion: 'v1', kind: 'Secret', metadata }
    await given.api.create(secrets, inDefault, secret)
    const text = await token({ boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: 's' } })
    expect(await whose(text)).toBeDefined()
    await given.api.delete(secrets, named('s'))
    expect(await whose(text)).toBeUndefined()
  })

  test.each([
    [
      'a pod of another account',
      { ...boundObjectRef, name: 'other' },
      400,
      'different serviceaccount name',
    ],
    ['a pod that is not there', { ...boundObjectRef, name: 'no' }, 404, 'pods "no" not found'],
    [
      'a pod of another uid',
      { ...boundObjectRef, uid: 'x' },
      409,
      'does not match the UID in record',
    ],
    [
      'something else',
      { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
      400,
      'cannot bind token to object of type apps/v1, Kind=Deployment',
    ],
  ])('cannot be bound to %s', async (_what, ref, code, text) => {
    await given.api.create(pods, inDefault, pod('app', ofBot))
    await given.api.create(pods, inDefault, pod('other'))
    const error = await refusal(request({ boundObjectRef: ref }))
    expect(error.code).toBe(code)
    expect(error.message).toContain(text)
  })
})

describe('a request for a token is refused', () => {
  test.each([
    [599, 'may not specify a duration less than 10 minutes'],
    [2 ** 32 + 1, 'may not specify a duration larger than 2^32 seconds'],
  ])('for %d seconds', async (expirationSeconds, why) => {
    expect((await refusal(request({ expirationSeconds }))).message).toBe(
      `TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: ${expirationSeconds}: ${why}`,
    )
  })

  test('for an account that is not there', async () => {
    expect((await refusal(request({}, 'no'))).message).toBe('serviceaccounts "no" not found')
  })
})

describe('a token is refused', () => {
  const forge = (payload: object, alg = 'ES256', key: unknown = newSigningKey()) =>
    new SignJWT(payload as never).setProtectedHeader({ alg }).sign(key as never)

  test('signed by another key, or by none', async () => {
    const payload = decodeJwt(await token())
    expect(await whose(await forge(payload))).toBeUndefined()
    expect(await whose(await forge(payload, 'HS256', new Uint8Array(32)))).toBeUndefined()
    const [, body] = (await token()).split('.')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    expect(await whose(`${none}.${body}.`)).toBeUndefined()
  })

  test.each(['', 'x', 'a.b.c', '...', 'é'.repeat(5000)])('that is none: %j', async (text) => {
    expect(await whose(text)).toBeUndefined()
  })

  test('out of a Secret that does not hold it any more', async () => {
    const text = await given.server.tokenForSecret(account, 'kept')
    const metadata = { name: 'kept', namespace: 'default' }
    const data = { token: Buffer.from(text).toString('base64') }
    const kept: Secret = { apiVersion: 'v1', kind: 'Secret', metadata, data }
    expect(await whose(text)).toBeUndefined()
    await given.api.create(secrets, inDefault, kept)
    expect(await whose(text)).toMatchObject({ user: botName })
    await given.api.update(secrets, named('kept'), { ...kept, data: {} } as Secret)
    expect(await whose(text)).toBeUndefined()
  })
})
