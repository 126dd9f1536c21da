import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DeleteOptions, Pod } from '../api/generated/types.ts'
import type { KubeObject } from '../api/object.ts'
import { configMaps, deployments, namespaces, pods } from '../api/scheme.ts'
import {
  configMap,
  deployment,
  type GivenServer,
  givenServer,
  inDefault,
  named,
  pod,
  refusal,
  watched,
} from './server.fixture.ts'

let given: GivenServer
beforeEach(async () => {
  given = await givenServer()
})
afterEach(() => given.stop())

const isGone = async (name: string) =>
  (await given.api.list(configMaps, inDefault)).items.every((item) => item.metadata.name !== name)

test('E-07: what goes at once is answered with a Status', async () => {
  const { api } = given
  const { metadata } = await api.create(deployments, inDefault, deployment('x'))
  expect(await api.delete(deployments, named('x'))).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: 'x', group: 'apps', kind: 'deployments', uid: metadata.uid },
  })
  const again = await refusal(api.delete(deployments, named('x')))
  expect(again.message).toBe('deployments.apps "x" not found')
})

describe('E-03..05: what becomes of dependents', () => {
  test.each<[Partial<DeleteOptions>, readonly string[] | undefined]>([
    [{}, undefined],
    [{ propagationPolicy: 'Background' }, undefined],
    [{ propagationPolicy: 'Foreground' }, ['foregroundDeletion']],
    [{ propagationPolicy: 'Orphan' }, ['orphan']],
    [{ orphanDependents: true }, ['orphan']],
    [{ orphanDependents: false }, undefined],
  ])('%j', async (options, finalizers) => {
    const { api } = given
    await api.create(deployments, inDefault, deployment('x'))
    const deleted = await api.delete(deployments, named('x'), options)
    if (!finalizers) return expect(deleted.kind).toBe('Status')
    expect(deleted.metadata).toMatchObject({
      finalizers,
      deletionGracePeriodSeconds: 0,
      // H-72
      generation: 2,
    })
    expect((deleted as KubeObject).metadata.deletionTimestamp).toBe('2026-01-01T00:00:00Z')
  })

  test('a later DELETE may change its mind, or leaves all as it is', async () => {
    const { api } = given
    await api.create(deployments, inDefault, deployment('x'))
    const first = await api.delete(deployments, named('x'), { propagationPolicy: 'Foreground' })
    expect(await api.delete(deployments, named('x'))).toBe(first)
    const second = await api.delete(deployments, named('x'), { propagationPolicy: 'Orphan' })
    expect(second.metadata).toMatchObject({ finalizers: ['orphan'], generation: 2 })
  })
})

describe('E-06: finalizers', () => {
  test('keep the object until the last one is removed', async () => {
    const { api } = given
    const finalizers = ['a.example/x', 'a.example/y']
    await api.create(configMaps, inDefault, configMap('a', { finalizers }))
    const deleted = await api.delete(configMaps, named('a'))
    expect(deleted.kind).toBe('ConfigMap')
    expect(await api.delete(configMaps, named('a'))).toBe(deleted)
    const watch = await watched(api, configMaps)
    const remove = (rest: readonly string[]) =>
      api.patch(configMaps, named('a'), {
        type: 'application/merge-patch+json',
        body: { metadata: { finalizers: rest } },
      })
    await remove(['a.example/y'])
    expect(await isGone('a')).toBe(false)
    const last = await remove([])
    expect(last.kind).toBe('ConfigMap')
    expect(await isGone('a')).toBe(true)
    expect(watch.events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
    watch.stop()
  })

  test('removed without a deletion do not remove the object', async () => {
    const { api } = given
    await api.create(configMaps, inDefault, configMap('a', { finalizers: ['a.example/x'] }))
    await api.update(configMaps, named('a'), configMap('a'))
    expect(await isGone('a')).toBe(false)
  })
})

describe('E-09: pods', () => {
  const started = async (spec: Partial<Pod['spec']> = {}, phase = 'Running') => {
    const { api } = given
    const bound = await api.create(pods, inDefault, pod('p', { nodeName: 'n1', ...spec }))
    const body = { ...bound, status: { phase } }
    return api.update(pods, named('p'), body, { subresource: 'status' })
  }
  const seconds = (gracePeriodSeconds: number) => ({ gracePeriodSeconds })

  test.each<[number, string, () => Promise<unknown>, Partial<DeleteOptions>?]>([
    [30, 'by default', () => started()],
    [5, 'as the pod says', () => started({ terminationGracePeriodSeconds: 5 })],
    [7, 'as the request says', () => started(), seconds(7)],
    [1, 'when negative', () => started(), seconds(-3)],
    [0, 'when none is asked', () => started(), seconds(0)],
    [0, 'when it has ended', () => started({}, 'Succeeded')],
    [0, 'when it has failed', () => started({}, 'Failed'), seconds(30)],
    [0, 'when it was never scheduled', () => started({ nodeName: '' }, 'Pending'), seconds(30)],
  ])('linger %i s %s', async (...[expected, _when, arrange, options]) => {
    await arrange()
    const deleted = await given.api.delete(pods, named('p'), options)
    if (expected === 0) return expect(deleted).toMatchObject({ kind: 'Status', status: 'Success' })
    const deletionTimestamp = new Date(Date.UTC(2026, 0, 1, 0, 0, expected)).toISOString()
    expect(deleted.metadata).toMatchObject({
      deletionGracePeriodSeconds: expected,
      deletionTimestamp: deletionTimestamp.replace('.000', ''),
      generation: 2,
    })
  })

  test.each([1e15, 9e18])('linger until the end of time for %d s', async (asked) => {
    await started()
    const deleted = await given.api.delete(pods, named('p'), seconds(asked))
    expect(deleted.metadata).toMatchObject({ deletionTimestamp: '9999-12-31T23:59:59Z' })
  })

  test('a repeated DELETE may only shorten', async () => {
    const { api, clock } = given
    await started()
    const first = await api.delete(pods, named('p'))
    await clock.advance(2000)
    expect(await api.delete(pods, named('p'))).toBe(first)
    expect(await api.delete(pods, named('p'), { gracePeriodSeconds: 60 })).toBe(first)
    const shorter = await api.delete(pods, named('p'), { gracePeriodSeconds: 10 })
    expect(shorter.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:10Z',
      deletionGracePeriodSeconds: 10,
      generation: 2,
    })
    expect(await api.delete(pods, named('p'), { gracePeriodSeconds: 0 })).toMatchObject({
      kind: 'Status',
    })
  })

  test('an update while it waits does not end it', async () => {
    const { api } = given
    await started()
    const going = (await api.delete(pods, named('p'))) as Pod
    const body = { ...going, status: { phase: 'Failed' } }
    const after = await api.update(pods, named('p'), body, { subresource: 'status' })
    expect(after.metadata.deletionGracePeriodSeconds).toBe(30)
    expect((await api.get(pods, named('p'))).status?.phase).toBe('Failed')
  })
})

test.each<[Partial<DeleteOptions>, number, string]>([
  [
    { preconditions: { uid: 'other' } },
    409,
    'the UID in the precondition (other) does not match the UID in record (',
  ],
  [
    { preconditions: { resourceVersion: '1' } },
    409,
    'the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (',
  ],
  [
    { propagationPolicy: 'Later' },
    422,
    'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Later": supported values: "Foreground", "Background", "Orphan", "nil"',
  ],
])('H-23, E-07: %j is refused', async (options, code, text) => {
  await given.api.create(configMaps, inDefault, configMap('a'))
  const error = await refusal(given.api.delete(configMaps, named('a'), options))
  expect(error.code).toBe(code)
  expect(error.message).toContain(text)
  expect(await isGone('a')).toBe(false)
})

test.each(['default', 'kube-system', 'kube-public'])('E-21: %s cannot be deleted', async (name) => {
  const error = await refusal(given.api.delete(namespaces, { name }))
  expect(error).toMatchObject({
    code: 403,
    message: `namespaces "${name}" is forbidden: this namespace may not be deleted`,
  })
})

test('H-19: a dry run deletes nothing', async () => {
  const { api } = given
  await api.create(configMaps, inDefault, configMap('a'))
  expect(await api.delete(configMaps, named('a'), { dryRun: ['All'] })).toMatchObject({
    status: 'Success',
  })
  expect(await isGone('a')).toBe(false)
})

test('H-22: a collection is deleted by selector', async () => {
  const { api } = given
  for (const [name, app] of [
    ['a', 'x'],
    ['b', 'x'],
    ['c', 'y'],
  ] as const) {
    await api.create(configMaps, inDefault, configMap(name, { labels: { app } }))
  }
  await api.deleteCollection(configMaps, inDefault, { labelSelector: 'app=x' })
  const { items } = await api.list(configMaps, inDefault)
  expect(items.map((item) => item.metadata.name)).toEqual(['c'])
})
