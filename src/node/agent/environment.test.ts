import { describe, expect, it } from 'vitest'
import type { Container, Pod } from '../../api/generated/types.ts'
import { containerEnvironment } from './environment.ts'
import { expandVariables } from './expand.ts'
import type { ReferenceReader } from './reference-reader.ts'

const reader: ReferenceReader = {
  configMap: async (_, name) =>
    name === 'conf'
      ? { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { A: 'a', B: 'b' } }
      : undefined,
  secret: async (_, name) =>
    name === 'key'
      ? { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { K: 'c2VjcmV0' } }
      : undefined,
}

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u', labels: { app: 'x' } },
  spec: { containers: [], nodeName: 'node-1' },
}

const sandbox = {
  podUid: 'u',
  ip: '1.2.3.4',
  ports: { 80: 20_001 },
  env: [{ name: 'PORT', value: '20001' }],
}

const allocatable = { cpu: '4', memory: '8Gi' }

async function values(container: Omit<Container, 'name'>): Promise<Record<string, string>> {
  const env = await containerEnvironment(
    pod,
    { name: 'c', ...container },
    { reader, sandbox, allocatable },
  )
  return Object.fromEntries(env.map(({ name, value }) => [name, value]))
}

describe('expandVariables', () => {
  const known = new Map([['A', '1']])
  it.each([
    ['$(A)-$(A)', '1-1'],
    ['$(B)', '$(B)'],
    ['$$(A)', '$(A)'],
    ['$A', '$A'],
    ['$$$(A)', '$1'],
  ])('%s -> %s', (text, expected) => expect(expandVariables(text, known)).toBe(expected))
})

describe('containerEnvironment', () => {
  it('takes envFrom first, with prefixes, and env over it', async () => {
    const envFrom = [
      { configMapRef: { name: 'conf' } },
      { prefix: 'S_', secretRef: { name: 'key' } },
    ]
    const env = [
      { name: 'A', value: 'own' },
      { name: 'C', value: '$(A)/$(B)' },
    ]
    expect(await values({ envFrom, env })).toEqual({ A: 'own', B: 'b', S_K: 'secret', C: 'own/b' })
  })

  it('reads keys, fields and resources', async () => {
    const env = [
      { name: 'KEY', valueFrom: { secretKeyRef: { name: 'key', key: 'K' } } },
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      {
        name: 'MEM',
        valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } },
      },
      { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
    ]
    const resources = { limits: { memory: '64Mi', cpu: '250m' } }
    expect(await values({ env, resources })).toEqual({
      KEY: 'secret',
      IP: '1.2.3.4',
      APP: 'x',
      MEM: '64',
      CPU: '1',
    })
  })

  it.each([
    ['limits.memory', '1Gi', '8'],
    ['limits.cpu', '0', '4'],
    ['requests.cpu', '1', '0'],
  ])(
    '%s that is not set, in units of %s, is %s: what the node has',
    async (resource, divisor, expected) => {
      const env = [{ name: 'X', valueFrom: { resourceFieldRef: { resource, divisor } } }]
      expect(await values({ env })).toEqual({ X: expected })
    },
  )

  it.each([
    [{ configMapKeyRef: { name: 'gone', key: 'A' } }, 'configmap "gone" not found'],
    [{ configMapKeyRef: { name: 'conf', key: 'Z' } }, "couldn't find key Z in ConfigMap n/conf"],
    [{ secretKeyRef: { name: 'gone', key: 'A' } }, 'secret "gone" not found'],
  ])('refuses %j', async (valueFrom, message) => {
    await expect(values({ env: [{ name: 'X', valueFrom }] })).rejects.toMatchObject({
      reason: 'CreateContainerConfigError',
      message,
    })
  })

  it('knows the ports that the runtime gives', async () => {
    expect(await values({ env: [{ name: 'URL', value: 'http://localhost:$(PORT)/' }] })).toEqual({
      URL: 'http://localhost:20001/',
    })
  })

  it('leaves optional sources out', async () => {
    const valueFrom = { configMapKeyRef: { name: 'gone', key: 'A', optional: true } }
    const envFrom = [{ configMapRef: { name: 'gone', optional: true } }]
    expect(await values({ envFrom, env: [{ name: 'X', valueFrom }] })).toEqual({})
  })
})
