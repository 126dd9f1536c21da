import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ControllerRevision, Pod } from '../../src/api/generated/types.ts'
import { revisionHashLabel } from '../../src/api/names.ts'
import { isPodReady } from '../../src/api/pod-facts.ts'
import { controllerRevisions, pods } from '../../src/api/scheme.ts'
import type { WatchEvent } from '../../src/api/transport.ts'
import { nodeOf } from '../../src/rollout/daemon-set-pod.ts'
import { GivenCluster } from './given-cluster.ts'
import { DaemonSetUnderTest, givenDaemonSet, rollingUpdate } from './given-daemon-set.ts'

const inDefault = { namespace: 'default' }
let cluster: GivenCluster
let agent: DaemonSetUnderTest
beforeEach(async () => {
  cluster = await GivenCluster.start({ readyMsMax: 2000, endMsMax: 2000, badImages: ['app:bad'] })
  agent = new DaemonSetUnderTest(cluster)
})
afterEach(() => cluster.stop())

async function create(count: number, given: Parameters<typeof givenDaemonSet>[0] = {}) {
  await agent.nodes(count)
  await cluster.create(givenDaemonSet(given))
  await agent.updated()
}

const all = (count: number, image: string) =>
  Array.from({ length: count }, (_, i) => `node-${i + 1} ${image}`)

/** The most nodes that are without an available pod, and the most pods, while `run` runs. */
async function extremes(nodeCount: number, run: () => Promise<void>) {
  let [mostDown, mostPods] = [0, 0]
  cluster.watch(pods, () => void look())
  const look = async () => {
    const live = (await agent.pods()).filter(({ metadata }) => !metadata.deletionTimestamp)
    const up = new Set(live.filter(isPodReady).map(nodeOf))
    mostDown = Math.max(mostDown, nodeCount - up.size)
    mostPods = Math.max(mostPods, live.length)
  }
  await run()
  return { mostDown, mostPods }
}

describe('D-34: without surge', () => {
  test.each([
    [1, 1],
    ['30%', 2],
  ])('I-24: maxUnavailable %s of 4 nodes is %i', async (maxUnavailable, expected) => {
    await create(4, rollingUpdate(maxUnavailable))
    const { mostDown, mostPods } = await extremes(4, async () => {
      await agent.setImage('app:2')
      await agent.updated()
    })
    expect(mostDown).toBe(expected)
    expect(mostPods).toBe(4)
    expect(await agent.images()).toEqual(all(4, 'app:2'))
    expect(await agent.numbers()).toEqual([1, 2])
    const hashes = (await agent.history()).map(({ metadata }) => metadata.labels)
    const label = 'controller-revision-hash'
    const { labels } = (await agent.podOn('node-1')).metadata
    expect(labels?.[label]).toBe(hashes[1]?.[label])
    expect(labels?.['pod-template-generation']).toBe('2')
  })

  test('old pods that are down already are replaced freely', async () => {
    await create(4)
    for (const node of ['node-2', 'node-3']) {
      await cluster.pods.setReady(await agent.podOn(node), false)
    }
    await cluster.quiet()
    await agent.setImage('app:bad')
    await cluster.pass(30_000)
    // And one more, which is what maxUnavailable allows.
    const updated = (await agent.images()).filter((text) => text.endsWith('app:bad'))
    expect(updated).toEqual(['node-1 app:bad', 'node-2 app:bad', 'node-3 app:bad'])
  })
})

describe('D-35: with surge', () => {
  test('I-27: the new pod is available before the old one goes', async () => {
    await create(4, rollingUpdate(0, 2))
    const { mostDown, mostPods } = await extremes(4, async () => {
      await agent.setImage('app:2')
      await agent.updated()
    })
    expect(mostDown).toBe(0)
    expect(mostPods).toBe(6)
    expect(await agent.images()).toEqual(all(4, 'app:2'))
  })

  test('no more than maxSurge are tried, and old pods that are down are replaced at once', async () => {
    await create(4, rollingUpdate(0, '25%'))
    await cluster.pods.setReady(await agent.podOn('node-4'), false)
    await cluster.quiet()
    await agent.setImage('app:bad')
    await cluster.pass(60_000)
    expect(await agent.images()).toEqual([
      'node-1 app:1',
      'node-1 app:bad',
      'node-2 app:1',
      'node-3 app:1',
      'node-4 app:bad',
    ])
    await cluster.pods.setReady(await agent.podOn('node-4'), true)
    await cluster.pass(60_000)
    expect(await agent.pods()).toHaveLength(5)
    await agent.undoTo(1)
    await agent.updated()
    expect(await agent.images()).toEqual(all(4, 'app:1'))
  })
})

test('D-36, I-27: OnDelete updates what others delete', async () => {
  await create(2, { updateStrategy: { type: 'OnDelete' } })
  await agent.setImage('app:2')
  await cluster.pass(60_000)
  expect(await agent.images()).toEqual(all(2, 'app:1'))
  expect(await agent.numbers()).toEqual([1, 2])
  const { name = '' } = (await agent.podOn('node-2')).metadata
  await cluster.transport.delete(pods, { ...inDefault, name })
  await cluster.pass(10_000)
  expect(await agent.images()).toEqual(['node-1 app:1', 'node-2 app:2'])
  expect((await agent.get()).status).toMatchObject({ updatedNumberScheduled: 1 })
})

test('D-38, I-25: a stuck update is rolled back, and spares what it has not reached', async () => {
  await create(4)
  const before = await agent.pods()
  await agent.setImage('app:bad')
  await cluster.pass(30_000)
  const stuck = (await agent.images()).filter((text) => text.endsWith('app:bad'))
  expect(stuck).toHaveLength(1)
  await agent.undoTo(1)
  const { metadata } = await agent.updated()
  expect(metadata.annotations?.['deprecated.daemonset.template.generation']).toBe('3')
  const uids = new Set((await agent.pods()).map((pod) => pod.metadata.uid))
  expect(before.filter((pod) => uids.has(pod.metadata.uid))).toHaveLength(3)
  expect(await agent.numbers()).toEqual([2, 3])
})

describe('D-04, D-39: history', () => {
  test('1,2,3 becomes 1,3,4', async () => {
    await create(1)
    for (const image of ['app:2', 'app:3']) {
      await agent.setImage(image)
      await agent.updated()
    }
    await agent.undoTo(2)
    await agent.updated()
    expect(await agent.numbers()).toEqual([1, 3, 4])
  })

  test('D-39: no more than the limit, and what still runs is passed over', async () => {
    await create(2, { revisionHistoryLimit: 1, updateStrategy: { type: 'OnDelete' } })
    for (const image of ['app:2', 'app:3', 'app:4']) {
      await agent.setImage(image)
      await cluster.pass(1000)
    }
    // Revision 1 is what the pods run, so 2 and 3 go for it.
    expect(await agent.numbers()).toEqual([1, 4])
  })

  test('D-39: what runs is passed over, though the cache does not show it yet', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      await cluster.stop()
      cluster = await GivenCluster.start({ seed, watchDelayMsMax: 3000 })
      agent = new DaemonSetUnderTest(cluster)
      const removed: string[] = []
      const event = async (change: WatchEvent<ControllerRevision>) => {
        if (change.type !== 'DELETED') return
        const { metadata } = change.object
        const hash = metadata.labels?.[revisionHashLabel]
        const isRun = (pod: Pod) => pod.metadata.labels?.[revisionHashLabel] === hash
        if ((await cluster.livePods()).some(isRun)) removed.push(`seed ${seed}: ${metadata.name}`)
      }
      cluster.transport.watch(controllerRevisions, inDefault, {}, { event, end: () => {} })
      await agent.nodes(3)
      await cluster.create(givenDaemonSet({ revisionHistoryLimit: 0 }))
      await cluster.until('pods', async () => (await agent.pods()).length > 0)
      await agent.setImage('app:2')
      await cluster.pass(5_000)
      expect(removed).toEqual([])
    }
  })

  test('D-39: what is deleted, and seen still, does not cost another its place', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      await cluster.stop()
      cluster = await GivenCluster.start({ seed, watchDelayMsMax: 3000 })
      agent = new DaemonSetUnderTest(cluster)
      await create(1, { revisionHistoryLimit: 1, updateStrategy: { type: 'OnDelete' } })
      await agent.setImage('app:2')
      await cluster.until('two', async () => (await agent.numbers()).length === 2)
      await agent.setImage('app:3')
      // The pod runs revision 1, so 2 goes; now the pod goes, too.
      await cluster.until('2 has gone', async () => String(await agent.numbers()) === '1,3')
      const { metadata } = await agent.podOn('node-1')
      await cluster.transport.delete(pods, { ...inDefault, name: metadata.name ?? '' })
      await agent.updated()
      await cluster.pass(10_000)
      expect(await agent.numbers(), `seed ${seed}`).toEqual([1, 3])
    }
  })

  test('D-39: of two with the same data the higher stays, and takes the pods over', async () => {
    await create(1)
    const [first] = await agent.history()
    const pod = await agent.podOn('node-1')
    const labels = { ...first?.metadata.labels, 'controller-revision-hash': 'other' }
    const { ownerReferences } = first?.metadata ?? {}
    const metadata = { name: 'agent-other', labels, ownerReferences }
    await cluster.transport.create(controllerRevisions, inDefault, {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata,
      revision: 7,
      data: first?.data,
    } as typeof first & object)
    await agent.change({ spec: { minReadySeconds: 1 } })
    await cluster.pass(10_000)
    expect(await agent.numbers()).toEqual([7])
    const taken = await agent.podOn('node-1')
    expect(taken.metadata.uid).toBe(pod.metadata.uid)
    expect(taken.metadata.labels?.['controller-revision-hash']).toBe('other')
  })

  test('D-05: a name that is taken by other data', async () => {
    await create(1)
    const [first] = await agent.history()
    await agent.setImage('app:2')
    await agent.updated()
    const second = (await agent.history())[1]
    await agent.undoTo(1)
    await agent.updated()
    const name = second?.metadata.name ?? ''
    await cluster.transport.delete(controllerRevisions, { ...inDefault, name })
    const metadata = { name, labels: { unrelated: 'yes' } }
    const { apiVersion, kind, data } = first ?? {}
    const squatter = { apiVersion, kind, metadata, revision: 1, data } as typeof first & object
    await cluster.transport.create(controllerRevisions, inDefault, squatter)
    await agent.setImage('app:2')
    const { status } = await agent.updated()
    expect(status?.collisionCount).toBe(1)
    expect(await agent.images()).toEqual(['node-1 app:2'])
  })
})
