import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configMaps, namespaces, pods } from '../api/scheme.ts'
import type { ListOptions, ListResult } from '../api/transport.ts'
import {
  configMap,
  type GivenServer,
  givenServer,
  inDefault,
  named,
  pod,
  refusal,
  versionOf,
} from './server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

const names = ({ items }: ListResult) => items.map((item) => item.metadata.name).join(' ')

async function createAll(all: string, labels = {}) {
  for (const name of all.split(' ')) {
    await given.api.create(configMaps, inDefault, configMap(name, { labels }))
  }
}

describe('H-07: pages', () => {
  test('show one revision, whatever happens between them', async () => {
    const { api } = given
    await createAll('a b c d e')
    const first = await api.list(configMaps, inDefault, { limit: 2 })
    expect([names(first), first.remainingItemCount]).toEqual(['a b', 3])
    await api.delete(configMaps, named('c'))
    await createAll('aa f')
    const second = await api.list(configMaps, inDefault, { limit: 2, continue: first.continue })
    expect([names(second), second.remainingItemCount]).toEqual(['c d', 1])
    const third = await api.list(configMaps, inDefault, { limit: 2, continue: second.continue })
    expect([names(third), third.continue, third.remainingItemCount]).toEqual([
      'e',
      undefined,
      undefined,
    ])
    expect([second.resourceVersion, third.resourceVersion]).toEqual([
      first.resourceVersion,
      first.resourceVersion,
    ])
  })

  test.each([0, -1, -500])('a limit of %i is none', async (limit) => {
    await createAll('a b c')
    const all = await given.api.list(configMaps, inDefault, { limit })
    expect([names(all), all.continue]).toEqual(['a b c', undefined])
  })

  test('with a selector have no remainingItemCount and are full all the same', async () => {
    await createAll('a c e', { app: 'x' })
    await createAll('b d f')
    const options = { limit: 2, labelSelector: 'app=x' }
    const first = await given.api.list(configMaps, inDefault, options)
    expect([names(first), first.remainingItemCount]).toEqual(['a c', undefined])
    const rest = await given.api.list(configMaps, inDefault, {
      ...options,
      continue: first.continue,
    })
    expect([names(rest), rest.continue]).toEqual(['e', undefined])
  })

  test('after compaction go on only with a token that promises no consistency', async () => {
    const { api, store } = given
    await createAll('a b d')
    const first = await api.list(configMaps, inDefault, { limit: 1 })
    await createAll('c')
    await store.compact(store.revision)
    const error = await refusal(
      api.list(configMaps, inDefault, { limit: 1, continue: first.continue }),
    )
    expect(error).toMatchObject({
      code: 410,
      reason: 'Expired',
      message: expect.stringMatching(
        /^The provided continue parameter is too old to display a consistent list result\. You can start a new list without the continue parameter, or use the continue token in this response /,
      ),
    })
    const { metadata } = error.toStatus()
    const second = await api.list(configMaps, inDefault, { limit: 2, ...metadata })
    expect([names(second), second.remainingItemCount]).toEqual(['b c', 1])
    const third = await api.list(configMaps, inDefault, { limit: 2, continue: second.continue })
    expect([names(third), third.resourceVersion]).toEqual(['d', second.resourceVersion])
  })
})

test.each<[string, ListOptions, [code: number, text: string]]>([
  [
    'a match without a version',
    { resourceVersionMatch: 'Exact' },
    [
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
  ],
  [
    'exactly any version',
    { resourceVersionMatch: 'Exact', resourceVersion: '0' },
    [
      422,
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
  ],
  [
    'a future version',
    { resourceVersion: '999' },
    [504, 'Too large resource version: 999, current: '],
  ],
  ['a version that is no number', { resourceVersion: 'x' }, [400, 'invalid resource version "x"']],
  ['a token of nobody', { continue: 'bm9uc2Vuc2U' }, [400, 'continue key is not valid']],
  ...[0, -2, 0.5, 1e300].map((rv): [string, ListOptions, [number, string]] => [
    `a token of revision ${rv}`,
    { continue: Buffer.from(JSON.stringify({ rv, start: 'configmaps/' })).toString('base64url') },
    [400, 'continue key is not valid'],
  ]),
  [
    'a token and a version',
    { continue: 'bm9uc2Vuc2U', resourceVersion: '1' },
    [400, 'specifying resource version is not allowed when using continue'],
  ],
  ['H-10: a field that is not selectable', { fieldSelector: 'data.x=1' }, [400, 'data.x']],
  ['H-11: a broken selector', { labelSelector: '=' }, [400, '']],
])('H-07: %s is refused', async (_what, options, [code, text]) => {
  const error = await refusal(given.api.list(configMaps, inDefault, options))
  expect(error.code).toBe(code)
  expect(error.message).toContain(text)
})

test('H-07: a future version says when to come again', async () => {
  const error = await refusal(given.api.list(configMaps, {}, { resourceVersion: '999' }))
  expect(error.details).toMatchObject({
    retryAfterSeconds: 1,
    causes: [{ reason: 'ResourceVersionTooLarge' }],
  })
})

test('H-07: an old version is shown exactly, not older than, or any', async () => {
  const { api } = given
  await createAll('a')
  const old = (await api.list(configMaps, inDefault)).resourceVersion
  await createAll('b')
  const shown = async (options: ListOptions) =>
    names(await api.list(configMaps, inDefault, options))
  expect(await shown({ resourceVersion: old, resourceVersionMatch: 'Exact' })).toBe('a')
  expect(await shown({ resourceVersion: old, resourceVersionMatch: 'NotOlderThan' })).toBe('a b')
  expect(await shown({ resourceVersion: old })).toBe('a b')
  expect(await shown({ resourceVersion: old, limit: 5 })).toBe('a')
  expect(await shown({ resourceVersion: '0' })).toBe('a b')
})

test('H-10: pods by node, and by the name that is the beginning of another', async () => {
  const { api } = given
  await api.create(pods, inDefault, pod('app', { nodeName: 'n1' }))
  await api.create(pods, inDefault, pod('app-2', { nodeName: 'n2' }))
  const shown = async (fieldSelector: string) =>
    names(await api.list(pods, inDefault, { fieldSelector }))
  expect(await shown('spec.nodeName=n2')).toBe('app-2')
  expect(await shown('metadata.name=app')).toBe('app')
  expect(await shown('metadata.name!=app')).toBe('app-2')
})

test('a list is of one namespace, or of all', async () => {
  const { api } = given
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default-2' } }
  await api.create(namespaces, {}, body)
  await api.create(configMaps, { namespace: 'default-2' }, configMap('b'))
  await createAll('a')
  expect(names(await api.list(configMaps, inDefault))).toBe('a')
  expect(names(await api.list(configMaps, {}))).toBe('b a')
})

test('lists hand over the objects that were stored, not copies', async () => {
  const created = await given.api.create(configMaps, inDefault, configMap('a'))
  const { items, resourceVersion } = await given.api.list(configMaps, inDefault)
  expect(items[0]).toBe(created)
  expect(resourceVersion).toBe(versionOf(created))
})

test('A-24: what is not there is 404', async () => {
  const error = await refusal(given.api.get(pods, named('x')))
  expect(error).toMatchObject({
    code: 404,
    reason: 'NotFound',
    message: 'pods "x" not found',
    details: { name: 'x', kind: 'pods' },
  })
})
