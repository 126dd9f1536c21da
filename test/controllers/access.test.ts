import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type {
  ClusterRole,
  PolicyRule,
  Secret,
  ServiceAccount,
} from '../../src/api/generated/types.ts'
import { clusterRoles, secrets, serviceAccounts } from '../../src/api/scheme.ts'
import { isStatusError } from '../../src/api/status-error.ts'
import { createInformers } from '../../src/client/informers.ts'
import type { Informers } from '../../src/client/lister.ts'
import type { Controller } from '../../src/controller/reconciler.ts'
import { clusterRoleAggregation } from '../../src/controllers/cluster-role-aggregation/controller.ts'
import { tokenController } from '../../src/controllers/service-account/token-controller.ts'
import { type GivenApi, givenApi } from '../client/given-api.ts'

let api: GivenApi
let informers: Informers
let controllers: readonly Controller[]

beforeEach(async () => {
  api = await givenApi()
  const { context, transport } = api
  informers = createInformers(context, transport)
  const sign = async ({ metadata }: ServiceAccount, name: string) => `${metadata.name} in ${name}`
  controllers = [
    clusterRoleAggregation({ context, transport, informers }),
    tokenController({ context, transport, informers, caCertificate: 'PEM', sign }),
  ]
  await informers.start()
  for (const controller of controllers) controller.start()
})

afterEach(async () => {
  await Promise.all(controllers.map((controller) => controller.stop()))
  await informers.stop()
  await api.stop()
})

const inDefault = { namespace: 'default' }
const settle = () => api.clock.advance(1_000)

describe('a ClusterRole that gathers others', () => {
  const rule = (resource: string): PolicyRule => ({
    verbs: ['get'],
    apiGroups: [''],
    resources: [resource],
  })
  const rulesOf = async (name: string) =>
    (await api.transport.get<ClusterRole>(clusterRoles, { name })).rules ?? []

  function give(name: string, feeds: string, rules: readonly PolicyRule[], gathers?: string) {
    const selector = { matchLabels: { feeds: gathers ?? '' } }
    const role: ClusterRole = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name, labels: { feeds } },
      rules,
      ...(gathers && { aggregationRule: { clusterRoleSelectors: [selector] } }),
    }
    return api.transport.create(clusterRoles, {}, role)
  }

  beforeEach(async () => {
    await give('sum', '', [], 'sum')
    await give('b', 'sum', [rule('pods'), rule('events')])
    await give('a', 'sum', [rule('pods')])
    await settle()
  })

  test('has their rules, by name, each once, and nothing else', async () => {
    expect(await rulesOf('sum')).toEqual([rule('pods'), rule('events')])
    const present = await api.transport.get<ClusterRole>(clusterRoles, { name: 'sum' })
    const own: ClusterRole = { ...present, rules: [rule('secrets')] }
    await api.transport.update(clusterRoles, { name: 'sum' }, own)
    await settle()
    expect(await rulesOf('sum')).toEqual([rule('pods'), rule('events')])
  })

  test('follows them when they change and go, over several steps', async () => {
    await give('whole', '', [], 'whole')
    await give('part', 'whole', [], 'part')
    await give('leaf', 'part', [rule('nodes')])
    await settle()
    expect(await rulesOf('whole')).toEqual([rule('nodes')])
    await api.transport.delete(clusterRoles, { name: 'leaf' })
    await settle()
    expect(await rulesOf('whole')).toEqual([])
  })
})

describe('a Secret for a token', () => {
  const key = { namespace: 'default', name: 'kept' }
  const text = (secret: Secret, name: string) =>
    Buffer.from(secret.data?.[name] ?? '', 'base64').toString()

  function createAccount(): Promise<ServiceAccount> {
    const metadata = { name: 'bot', namespace: 'default' }
    const account: ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', metadata }
    return api.transport.create(serviceAccounts, inDefault, account)
  }

  function createSecret(): Promise<Secret> {
    const annotations = { 'kubernetes.io/service-account.name': 'bot' }
    const secret: Secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...key, annotations },
      type: 'kubernetes.io/service-account-token',
    }
    return api.transport.create(secrets, inDefault, secret)
  }

  test('gets token, certificate and namespace, and the token again when it is taken out', async () => {
    const { metadata } = await createAccount()
    await createSecret()
    await settle()
    const secret = await api.transport.get<Secret>(secrets, key)
    expect(text(secret, 'token')).toBe('bot in kept')
    expect(text(secret, 'ca.crt')).toBe('PEM')
    expect(text(secret, 'namespace')).toBe('default')
    const { annotations } = secret.metadata
    expect(annotations?.['kubernetes.io/service-account.uid']).toBe(metadata.uid)
    await api.transport.update(secrets, key, { ...secret, data: {} } as Secret)
    await settle()
    expect(text(await api.transport.get(secrets, key), 'token')).toBe('bot in kept')
  })

  test('goes with its account, and does not come without one', async () => {
    await createAccount()
    await createSecret()
    await settle()
    await api.transport.delete(serviceAccounts, { ...inDefault, name: 'bot' })
    await settle()
    const isGone = async () =>
      isStatusError(await api.transport.get(secrets, key).catch((error) => error), 'NotFound')
    expect(await isGone()).toBe(true)
    await createSecret()
    await settle()
    expect(await isGone()).toBe(true)
  })
})
