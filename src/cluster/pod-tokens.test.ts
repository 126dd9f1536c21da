import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Pod, ServiceAccount } from '../api/generated/types.ts'
import { pods, serviceAccounts } from '../api/scheme.ts'
import { ApiServer } from '../apiserver/api-server.ts'
import { systemContext } from '../base/context.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { componentTransport } from './control-plane.ts'
import { podTokens } from './pod-tokens.ts'

let server: ApiServer
let pod: Pod

beforeAll(async () => {
  const context = systemContext()
  const store = new MemoryStore()
  server = await ApiServer.start({ context, store, serviceCidr: '10.96.0.0/16' })
  const transport = componentTransport(server, 'test', 'test')
  const where = { namespace: 'default' }
  const account: ServiceAccount = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'bot' },
  }
  await transport.create(serviceAccounts, where, account)
  const made: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app' },
    spec: { serviceAccountName: 'bot', containers: [{ name: 'c', image: 'i' }] },
  }
  pod = await transport.create(pods, where, made)
})
afterAll(() => server.stop())

const tokens = () => podTokens(componentTransport(server, 'system:node:astern', 'kubelet'))

test('a pod gets a token of its account that is bound to it', async () => {
  const { token, expiresAtMs } = await tokens()(pod, { path: 't', expirationSeconds: 600 })
  const identity = await server.authenticateToken(token)
  expect(identity?.user).toBe('system:serviceaccount:default:bot')
  expect(identity?.extra?.['authentication.kubernetes.io/pod-uid']).toEqual([pod.metadata.uid])
  expect(expiresAtMs - Date.now()).toBeGreaterThan(590_000)
  expect(expiresAtMs - Date.now()).toBeLessThanOrEqual(600_000)
})

test('for another audience, that is who it is for', async () => {
  const { token } = await tokens()(pod, { path: 't', audience: 'vault' })
  expect(await server.authenticateToken(token)).toBeUndefined()
})

test('no account, no token: the volume says why', async () => {
  const spec = { containers: [], serviceAccountName: 'gone' }
  await expect(tokens()({ ...pod, spec }, { path: 't' })).rejects.toMatchObject({
    name: 'VolumeFailed',
    message: 'failed to fetch token: serviceaccounts "gone" not found',
  })
})
