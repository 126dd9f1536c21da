import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { controllerRevisions } from '../../src/api/scheme.ts'
import { GivenCluster } from './given-cluster.ts'
import {
  givenStatefulSet,
  parallel,
  rollingUpdate,
  StatefulSetUnderTest,
} from './given-stateful-set.ts'

const inDefault = { namespace: 'default' }
let cluster: GivenCluster
let web: StatefulSetUnderTest
beforeEach(async () => {
  cluster = await GivenCluster.start({ readyMsMax: 2000, endMsMax: 2000, badImages: ['app:bad'] })
  web = new StatefulSetUnderTest(cluster)
})
afterEach(() => cluster.stop())

async function create(given: Parameters<typeof givenStatefulSet>[0] = {}): Promise<void> {
  await cluster.create(givenStatefulSet(given))
  await web.ready()
}

const replaced = ['-web-2', '+web-2', '-web-1', '+web-1', '-web-0', '+web-0']
const all = (image: string) => [0, 1, 2].map((ordinal) => `web-${ordinal} ${image}`)

test('D-14, D-17, D-18, D-1A, I-16: an update and its rollback, from the highest ordinal down', async () => {
  await create()
  const first = (await web.updated()).status?.currentRevision
  const log = web.record()
  await cluster.quiet()
  await web.setImage('app:2')
  await cluster.quiet()
  const { status } = await web.get()
  expect(status?.currentRevision).toBe(first)
  expect(status?.updateRevision).not.toBe(first)
  expect((await web.updated()).status).toEqual({
    observedGeneration: 2,
    replicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    currentReplicas: 3,
    updatedReplicas: 3,
    currentRevision: status?.updateRevision,
    updateRevision: status?.updateRevision,
    collisionCount: 0,
  })
  await web.undoTo(1)
  await cluster.quiet()
  expect((await web.get()).status?.updateRevision).toBe(first)
  await web.updated()
  expect(await web.images()).toEqual(all('app:1'))
  expect(log.slice(3)).toEqual([...replaced, ...replaced])
  expect(await web.numbers()).toEqual([2, 3])
})

test('D-1A: a rollback in the middle leaves what was never updated', async () => {
  await create()
  const before = await web.pods()
  await web.setImage('app:bad')
  await cluster.pass(30_000)
  expect(await web.images()).toEqual(['web-0 app:1', 'web-1 app:1', 'web-2 app:bad'])
  await web.undoTo(1)
  await web.deletePod(2)
  await web.updated()
  const uids = (await web.pods()).map(({ metadata }) => metadata.uid)
  expect(uids.slice(0, 2)).toEqual(before.slice(0, 2).map(({ metadata }) => metadata.uid))
  expect(await web.images()).toEqual(all('app:1'))
})

describe('D-1B: a pod of a broken update', () => {
  test('OrderedReady waits for it even after the rollback, until somebody deletes it', async () => {
    await create()
    await web.setImage('app:bad')
    await cluster.pass(30_000)
    await web.undoTo(1)
    await cluster.pass(600_000)
    expect(await web.images()).toEqual(['web-0 app:1', 'web-1 app:1', 'web-2 app:bad'])
    await web.deletePod(2)
    await web.updated()
    expect(await web.images()).toEqual(all('app:1'))
  })

  test('D-16: Parallel replaces it', async () => {
    await create(parallel)
    await web.setImage('app:bad')
    await cluster.pass(30_000)
    await web.undoTo(1)
    await web.updated()
    expect(await web.images()).toEqual(all('app:1'))
  })
})

describe('D-15, I-17: partition', () => {
  test('only what is at or above it is updated, and each pod comes back as it was', async () => {
    await create(rollingUpdate(3))
    const { status } = await web.updated()
    await web.setImage('app:2')
    await cluster.pass(30_000)
    expect(await web.images()).toEqual(all('app:1'))
    await web.change({ spec: rollingUpdate(2) })
    await cluster.pass(30_000)
    const canary = ['web-0 app:1', 'web-1 app:1', 'web-2 app:2']
    expect(await web.images()).toEqual(canary)
    for (const ordinal of [0, 2]) await web.deletePod(ordinal)
    await cluster.pass(30_000)
    expect(await web.images()).toEqual(canary)
    expect((await web.get()).status).toMatchObject({
      currentRevision: status?.currentRevision,
      currentReplicas: 2,
      updatedReplicas: 1,
    })
    for (const partition of [1, 0]) {
      await web.change({ spec: rollingUpdate(partition) })
      await cluster.pass(30_000)
      const updated = (await web.images()).filter((text) => text.endsWith('app:2'))
      expect(updated).toHaveLength(3 - partition)
    }
    await web.updated()
  })

  test('with an offset, it counts places and not ordinals', async () => {
    await create({ ...rollingUpdate(2), ordinals: { start: 5 } })
    await web.setImage('app:2')
    await cluster.pass(30_000)
    expect(await web.images()).toEqual(['web-5 app:1', 'web-6 app:1', 'web-7 app:2'])
  })
})

describe('D-16, V-07: maxUnavailable', () => {
  test('that many are replaced at once', async () => {
    await create({ replicas: 5, ...rollingUpdate(0, 2) })
    const log = web.record()
    await cluster.quiet()
    await web.setImage('app:2')
    await web.updated()
    const deletions = log.filter((line) => line.startsWith('-'))
    expect(deletions).toEqual(['-web-4', '-web-3', '-web-2', '-web-1', '-web-0'])
    expect(log.slice(5, 7)).toEqual(['-web-4', '-web-3'])
  })

  test('in percent, and never less than one', async () => {
    await create(rollingUpdate(0, '10%'))
    await web.setImage('app:2')
    await web.updated()
    expect(await web.images()).toEqual(all('app:2'))
  })

  test('in Parallel, pods that are down already do not use it up', async () => {
    await create({ replicas: 5, ...parallel, ...rollingUpdate(0, 2) })
    for (const ordinal of [0, 1]) await cluster.pods.setReady(await web.pod(ordinal), false)
    await cluster.quiet()
    const log = web.record()
    await cluster.quiet()
    await web.setImage('app:2')
    await cluster.quiet()
    expect(log.slice(5).sort()).toEqual(['-web-0', '-web-1'])
    await web.updated()
  })
})

test('I-22, D-14, D-18: OnDelete replaces nothing by itself, and never completes', async () => {
  await create({ updateStrategy: { type: 'OnDelete' } })
  const first = (await web.get()).status?.currentRevision
  await web.setImage('app:2')
  await cluster.pass(60_000)
  expect(await web.images()).toEqual(all('app:1'))
  for (const ordinal of [0, 1, 2]) {
    await web.deletePod(ordinal)
    await cluster.pass(10_000)
  }
  expect(await web.images()).toEqual(all('app:2'))
  const { status } = await web.ready()
  expect(status).toMatchObject({ currentRevision: first, updatedReplicas: 3 })
  expect(status?.currentReplicas ?? 0).toBe(0)
})

test('D-15, A-06: without rollingUpdate, currentReplicas is what is kept', async () => {
  await create({ updateStrategy: { type: 'RollingUpdate' } })
  await web.updated()
  await web.setImage('app:2')
  await cluster.quiet()
  await web.deletePod(0)
  await web.updated()
  expect(await web.images()).toEqual(all('app:2'))
})

describe('D-03, D-04, D-19: history', () => {
  test('D-03: a revision keeps the annotations of its creation', async () => {
    const cause = 'kubernetes.io/change-cause'
    await create({ annotations: { [cause]: 'first' } })
    await web.change({ metadata: { annotations: { [cause]: 'changed' } } })
    await cluster.pass(1000)
    await web.setImage('app:2')
    await web.updated()
    const causes = async () =>
      (await web.history()).map(({ metadata }) => metadata.annotations?.[cause])
    expect(await causes()).toEqual(['first', 'changed'])
    await web.undoTo(1)
    await web.updated()
    expect(await causes()).toEqual(['changed', 'first'])
  })

  test('D-04: 1,2,3 becomes 1,3,4', async () => {
    await create({ replicas: 1 })
    for (const image of ['app:2', 'app:3']) {
      await web.setImage(image)
      await web.updated()
    }
    expect(await web.numbers()).toEqual([1, 2, 3])
    await web.undoTo(2)
    await web.updated()
    expect(await web.numbers()).toEqual([1, 3, 4])
  })

  test('D-05: a name that is taken by other data', async () => {
    await create({ replicas: 1 })
    await web.setImage('app:2')
    await web.updated()
    const [first, second] = await web.history()
    await web.undoTo(1)
    await web.updated()
    const name = second?.metadata.name ?? ''
    await cluster.transport.delete(controllerRevisions, { ...inDefault, name })
    const { apiVersion, kind, data } = first ?? {}
    const squatter = { apiVersion, kind, metadata: { name }, revision: 1, data }
    await cluster.create(squatter as typeof first & object)
    await web.setImage('app:2')
    const { status } = await web.updated()
    expect(status?.collisionCount).toBe(1)
    expect(status?.updateRevision).not.toBe(name)
    expect(await web.images()).toEqual(['web-0 app:2'])
  })

  test('D-19: no more than the limit, what is in use aside', async () => {
    await create({ replicas: 1, revisionHistoryLimit: 2 })
    for (const tag of [2, 3, 4, 5, 6]) {
      await web.setImage(`app:${tag}`)
      await web.updated()
    }
    await cluster.pass(1000)
    expect(await web.numbers()).toEqual([4, 5, 6])
  })
})

test('a StatefulSet at rest is left alone', async () => {
  await create()
  await web.updated()
  const { resourceVersion } = (await web.get()).metadata
  await cluster.pass(3_600_000)
  expect((await web.get()).metadata.resourceVersion).toBe(resourceVersion)
  expect((await web.messages()).filter((text) => !text.includes('SuccessfulCreate'))).toEqual([])
})
