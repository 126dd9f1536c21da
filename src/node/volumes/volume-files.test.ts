import { describe, expect, it } from 'vitest'
import type { Pod, Volume } from '../../api/generated/types.ts'
import type { ReferenceReader } from '../agent/reference-reader.ts'
import { type VolumeSources, volumeContent } from './volume-files.ts'

const reader: ReferenceReader = {
  configMap: async (_, name) =>
    name === 'conf'
      ? {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name },
          data: { a: 'A' },
          binaryData: { b: 'AAE=' },
        }
      : undefined,
  secret: async (_, name) =>
    name === 'key'
      ? { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { k: 'c2VjcmV0' } }
      : undefined,
}

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u', labels: { b: 'x "y"', a: '1' } },
  spec: { containers: [{ name: 'app', resources: { limits: { memory: '64Mi' } } }] },
}

const token = async () => ({ token: 'eyJ', expiresAtMs: 1_000_000 })
const allocatable = { cpu: '2', memory: '8Gi' }

async function filesOf(volume: Omit<Volume, 'name'>, more: Partial<VolumeSources> = {}) {
  const sources = { reader, podIp: '1.2.3.4', allocatable, token, ...more }
  const content = await volumeContent(pod, { name: 'v', ...volume }, sources)
  return content?.files.map(({ path, content: bytes, mode }) => [
    path,
    Buffer.from(bytes).toString('latin1'),
    mode.toString(8),
  ])
}

describe('volumeContent', () => {
  it.each([
    [
      'all keys',
      {},
      [
        ['a', 'A', '644'],
        ['b', '\0\x01', '644'],
      ],
    ],
    [
      'a mode for all',
      { defaultMode: 0o400 },
      [
        ['a', 'A', '400'],
        ['b', '\0\x01', '400'],
      ],
    ],
    [
      'named keys at paths, with modes',
      { items: [{ key: 'a', path: 'x/y', mode: 0o755 }] },
      [['x/y', 'A', '755']],
    ],
    ['a missing key that is optional', { items: [{ key: 'z', path: 'z' }], optional: true }, []],
  ])('a ConfigMap: %s', async (_, source, expected) => {
    expect(await filesOf({ configMap: { name: 'conf', ...source } })).toEqual(expected)
  })

  it('a Secret, and one that is not there but optional', async () => {
    expect(await filesOf({ secret: { secretName: 'key' } })).toEqual([['k', 'secret', '644']])
    expect(await filesOf({ secret: { secretName: 'gone', optional: true } })).toEqual([])
  })

  it.each([
    [{ configMap: { name: 'gone' } }, 'configmap "gone" not found'],
    [{ secret: { secretName: 'gone' } }, 'secret "gone" not found'],
    [
      { configMap: { name: 'conf', items: [{ key: 'z', path: 'z' }] } },
      'references non-existent config key: z',
    ],
    [
      { secret: { secretName: 'key', items: [{ key: 'z', path: 'z' }] } },
      'references non-existent secret key: z',
    ],
  ])('%j: %s', async (volume, message) => {
    await expect(filesOf(volume)).rejects.toMatchObject({ name: 'VolumeFailed', message })
  })

  it('the downward API: fields and resources', async () => {
    const items = [
      { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
      { path: 'name', fieldRef: { fieldPath: 'metadata.name' }, mode: 0o600 },
      {
        path: 'memory',
        resourceFieldRef: { containerName: 'app', resource: 'limits.memory', divisor: '1Mi' },
      },
      { path: 'cpu', resourceFieldRef: { containerName: 'app', resource: 'limits.cpu' } },
    ]
    expect(await filesOf({ downwardAPI: { items } })).toEqual([
      ['labels', 'a="1"\nb="x \\"y\\""', '644'],
      ['name', 'p', '600'],
      ['memory', '64', '644'],
      ['cpu', '2', '644'],
    ])
  })

  const projected = {
    defaultMode: 0o440,
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 1000 } },
      { configMap: { name: 'conf', items: [{ key: 'a', path: 'ca.crt' }] } },
      { secret: { name: 'key' } },
      { downwardAPI: { items: [{ path: 'ns', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
    ],
  }
  const others = [
    ['ca.crt', 'A', '440'],
    ['k', 'secret', '440'],
    ['ns', 'n', '440'],
  ]

  it('a projection of several sources', async () => {
    expect(await filesOf({ projected }, { token: undefined })).toEqual(others)
    expect(await filesOf({ projected })).toEqual([['token', 'eyJ', '440'], ...others])
  })

  it('a token is renewed after four fifths of its life', async () => {
    const sources = { reader, podIp: '', allocatable, token }
    const content = await volumeContent(pod, { name: 'v', projected }, sources)
    expect(content?.renewAtMs).toBe(800_000)
  })

  it('other kinds have no such content', async () => {
    expect(await filesOf({ emptyDir: {} })).toBeUndefined()
  })
})
