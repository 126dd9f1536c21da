import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Pod } from '../../src/api/generated/types.ts'
import { controllerRef } from '../../src/api/object.ts'
import { pods, replicaSets } from '../../src/api/scheme.ts'
import { StatusError } from '../../src/api/status-error.ts'
import { GivenCluster } from './given-cluster.ts'
import { givenReplicaSet } from './given-objects.ts'

const inDefault = { namespace: 'default' }
let podQuota: number
let refusals: number
let cluster: GivenCluster
beforeEach(async () => {
  podQuota = Number.POSITIVE_INFINITY
  refusals = 0
  cluster = await GivenCluster.start({
    endMsMax: 3000,
    badImages: ['app:slow'],
    beforeWrite({ kind }, verb) {
      if (kind !== 'Pod' || verb !== 'create') return
      if (podQuota <= 0) {
        refusals++
        throw new StatusError('Forbidden', 'pods "bare-" is forbidden: exceeded quota: two')
      }
      podQuota--
    },
  })
})
afterEach(() => cluster.stop())

const counts = async (name = 'bare') => (await cluster.replicaSet(name)).status
const messages = async () => (await cluster.eventsAbout('ReplicaSet')).map((event) => event.message)

async function allReady(replicas: number): Promise<readonly Pod[]> {
  const isReady = async () => (await counts())?.readyReplicas === replicas
  await cluster.until(`${replicas} ready`, isReady, 60_000)
  return cluster.livePods()
}

async function condition() {
  return (await counts())?.conditions?.find(({ type }) => type === 'ReplicaFailure')
}

describe('C-03, C-04: the pods of a ReplicaSet', () => {
  test('name, labels, annotations, finalizers and owner come from it; the spec from its template', async () => {
    const bare = givenReplicaSet()
    const template = {
      metadata: {
        labels: { app: 'app', pod: 'httpd', more: 'yes' },
        annotations: { note: 'x' },
        finalizers: ['test/hold'],
      },
      spec: { containers: [{ name: 'app', image: 'app:0' }] },
    }
    await cluster.create({ ...bare, spec: { ...bare.spec, template } as typeof bare.spec })
    const [pod] = await allReady(1)
    const { uid } = (await cluster.replicaSet('bare')).metadata
    expect(pod?.metadata).toMatchObject({
      generateName: 'bare-',
      labels: { app: 'app', pod: 'httpd', more: 'yes' },
      annotations: { note: 'x' },
      finalizers: ['test/hold'],
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'bare',
          uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    })
    expect(pod?.metadata.name).toMatch(/^bare-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
  })

  test('C-04: the name is cut to 63 characters', async () => {
    const bare = givenReplicaSet({ name: `r${'x'.repeat(80)}` })
    await cluster.create(bare)
    await cluster.pass(1000)
    const [pod] = await cluster.livePods()
    expect(pod?.metadata.name).toHaveLength(63)
  })

  test('C-0C: a changed template is for new pods only', async () => {
    await cluster.create(givenReplicaSet({ replicas: 2 }))
    const before = await allReady(2)
    const containers = [{ name: 'app', image: 'app:9' }]
    await cluster.changeReplicaSet('bare', {
      spec: { replicas: 3, template: { spec: { containers } } },
    })
    const after = await allReady(3)
    const images = after.map(({ spec }) => spec?.containers[0]?.image)
    expect(images.sort()).toEqual(['app:0', 'app:0', 'app:9'])
    const uids = after.map(({ metadata }) => metadata.uid)
    expect(uids).toEqual(expect.arrayContaining(before.map(({ metadata }) => metadata.uid)))
  })
})

describe('C-01: only active pods count', () => {
  test('a failed pod stays, and is replaced', async () => {
    await cluster.create(givenReplicaSet({ replicas: 2 }))
    const [pod] = await allReady(2)
    if (pod) await cluster.pods.setPhase(pod, 'Failed')
    await cluster.pass(1000)
    expect(await cluster.livePods()).toHaveLength(3)
    expect(await counts()).toMatchObject({ replicas: 2, readyReplicas: 2 })
  })

  test('V-08: a terminating pod is replaced at once, and counted apart', async () => {
    await cluster.create(givenReplicaSet({ replicas: 2 }))
    const [pod] = await allReady(2)
    await cluster.transport.delete(pods, { ...inDefault, name: pod?.metadata.name ?? '' })
    await cluster.quiet()
    expect(await cluster.livePods()).toHaveLength(3)
    expect(await counts()).toMatchObject({ replicas: 2, terminatingReplicas: 1 })
    await cluster.pass(5000)
    expect(await counts()).toMatchObject({ replicas: 2, terminatingReplicas: 0 })
  })
})

describe('C-02, I-13: claims', () => {
  const orphan: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'orphan', labels: { app: 'app', pod: 'httpd' } },
    spec: { containers: [{ name: 'app', image: 'other' }] },
  }

  test('a matching orphan is adopted instead of a new pod; relabelled, it is released and replaced', async () => {
    await cluster.transport.create(pods, inDefault, orphan)
    await cluster.create(givenReplicaSet())
    const [adopted, ...others] = await allReady(1)
    const { uid } = (await cluster.replicaSet('bare')).metadata
    expect(others).toEqual([])
    expect(adopted && controllerRef(adopted)?.uid).toBe(uid)
    await cluster.changePod('orphan', { metadata: { labels: { app: 'not-app' } } })
    await cluster.pass(1000)
    const live = await cluster.livePods()
    expect(live).toHaveLength(2)
    expect(
      live.find(({ metadata }) => metadata.name === 'orphan')?.metadata.ownerReferences ?? [],
    ).toEqual([])
  })

  test('while it is being deleted it neither adopts, creates nor deletes, but keeps its status', async () => {
    await cluster.create(givenReplicaSet({ replicas: 2 }))
    const [pod] = await allReady(2)
    await cluster.changeReplicaSet('bare', { metadata: { finalizers: ['test/hold'] } })
    await cluster.transport.delete(replicaSets, { ...inDefault, name: 'bare' })
    await cluster.transport.create(pods, inDefault, orphan)
    await cluster.transport.delete(pods, { ...inDefault, name: pod?.metadata.name ?? '' })
    await cluster.pass(10_000)
    const live = await cluster.livePods()
    expect(live).toHaveLength(2)
    expect(live.filter((each) => controllerRef(each))).toHaveLength(1)
    expect(await counts()).toMatchObject({ replicas: 1 })
  })
})

describe('C-05, C-07: how many', () => {
  test('exactly as many as wanted, up and down, though the cache is late', async () => {
    await cluster.stop()
    cluster = await GivenCluster.start({ watchDelayMsMax: 2000, requestDelayMsMax: 50, seed: 7 })
    await cluster.create(givenReplicaSet({ replicas: 5 }))
    const peaks: number[] = []
    cluster.watch(pods, async () => {
      peaks.push((await cluster.livePods()).length)
    })
    await allReady(5)
    for (const replicas of [8, 2, 6]) {
      await cluster.changeReplicaSet('bare', { spec: { replicas } })
      await cluster.pass(20_000)
      expect(await cluster.livePods()).toHaveLength(replicas)
    }
    expect(Math.max(...peaks)).toBe(8)
  })

  test('C-05: more than 500 take more than one pass', async () => {
    await cluster.create(givenReplicaSet({ replicas: 600 }))
    const live = await allReady(600)
    expect(live).toHaveLength(600)
  })

  test('C-08, C-0D: the pod that is not ready goes first, gracefully', async () => {
    await cluster.create(givenReplicaSet({ replicas: 3 }))
    const live = await allReady(3)
    const victim = live[1]
    if (victim) await cluster.pods.setReady(victim, false)
    await cluster.changeReplicaSet('bare', { spec: { replicas: 2 } })
    await cluster.quiet()
    const going = (await cluster.livePods()).filter(({ metadata }) => metadata.deletionTimestamp)
    expect(going.map(({ metadata }) => metadata.name)).toEqual([victim?.metadata.name])
    expect(going[0]?.metadata.deletionGracePeriodSeconds).toBe(30)
  })
})

describe('C-06, C-0A, I-15: creations that are refused', () => {
  test('the condition appears, one call fails per pass, and it goes when the size fits', async () => {
    podQuota = 2
    await cluster.create(givenReplicaSet({ replicas: 100 }))
    await cluster.quiet()
    // Batches of 1 and 2, then one refusal ends the pass; the two pods' own events bring two more.
    expect(refusals).toBeLessThanOrEqual(3)
    expect(await condition()).toMatchObject({
      status: 'True',
      reason: 'FailedCreate',
      message: 'pods "bare-" is forbidden: exceeded quota: two',
    })
    await cluster.pass(300)
    expect(refusals).toBeLessThan(10)
    await cluster.changeReplicaSet('bare', { spec: { replicas: 2 } })
    await cluster.pass(5000)
    expect(await condition()).toBeUndefined()
    expect(await counts()).toMatchObject({ replicas: 2, readyReplicas: 2 })
  })

  test('B-57: a Deployment shows it', async () => {
    podQuota = 0
    await cluster.create({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'app' },
      spec: {
        selector: { matchLabels: { app: 'app' } },
        template: {
          metadata: { labels: { app: 'app' } },
          spec: { containers: [{ name: 'app', image: 'app:1' }] },
        },
      },
    } as never)
    await cluster.pass(1000)
    expect((await cluster.deployment()).status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' }),
    )
  })
})

describe('C-0B: Events', () => {
  test('tell of pods created, deleted and refused', async () => {
    await cluster.create(givenReplicaSet())
    const [pod] = await allReady(1)
    await cluster.changeReplicaSet('bare', { spec: { replicas: 0 } })
    await cluster.pass(1000)
    podQuota = 0
    await cluster.changeReplicaSet('bare', { spec: { replicas: 1 } })
    await cluster.quiet()
    expect(await messages()).toEqual([
      `Created pod: ${pod?.metadata.name}`,
      `Deleted pod: ${pod?.metadata.name}`,
      'Error creating: pods "bare-" is forbidden: exceeded quota: two',
    ])
    expect(await cluster.eventsAbout('ReplicaSet')).toMatchObject([
      {
        type: 'Normal',
        reason: 'SuccessfulCreate',
        source: { component: 'replicaset-controller' },
      },
      { type: 'Normal', reason: 'SuccessfulDelete' },
      { type: 'Warning', reason: 'FailedCreate' },
    ])
  })
})

test('C-09: status is written only when something changed', async () => {
  await cluster.create(givenReplicaSet({ replicas: 2 }))
  await allReady(2)
  await cluster.pass(1000)
  const { resourceVersion } = (await cluster.replicaSet('bare')).metadata
  await cluster.pass(3_600_000)
  expect((await cluster.replicaSet('bare')).metadata.resourceVersion).toBe(resourceVersion)
})
