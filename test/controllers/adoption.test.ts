import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { controllerRef } from '../../src/api/object.ts'
import { deployments, replicaSets } from '../../src/api/scheme.ts'
import { StatusError } from '../../src/api/status-error.ts'
import { desiredNewReplicaSet } from '../../src/rollout/new-replica-set.ts'
import { GivenCluster } from './given-cluster.ts'
import { givenDeployment, givenReplicaSet } from './given-objects.ts'

const inDefault = { namespace: 'default' }
let refuse: StatusError | undefined
let isFirstByAnother: boolean
let cluster: GivenCluster
beforeEach(async () => {
  refuse = undefined
  isFirstByAnother = false
  cluster = await GivenCluster.start({
    badImages: ['app:bad'],
    async beforeWrite(object, verb) {
      if (object.kind !== 'ReplicaSet' || verb !== 'create') return
      if (refuse) throw refuse
      if (isFirstByAnother) await cluster.create(object)
    },
  })
})
afterEach(() => cluster.stop())

const owner = async (name: string) => controllerRef(await cluster.replicaSet(name))?.uid

describe('B-01, B-05: which ReplicaSets a Deployment claims', () => {
  test('a matching orphan, whenever it comes or is relabelled; B-07: by its own labels', async () => {
    const { metadata } = await cluster.create(givenDeployment())
    await cluster.rolledOut()
    await cluster.create(givenReplicaSet({ name: 'match', replicas: 0 }))
    await cluster.create(givenReplicaSet({ name: 'bare', replicas: 0, labels: {} }))
    await cluster.create(givenReplicaSet({ name: 'other', replicas: 0, labels: { app: 'x' } }))
    await cluster.pass(1000)
    expect(await owner('match')).toBe(metadata.uid)
    expect((await cluster.replicaSet('match')).metadata.ownerReferences).toMatchObject([
      { controller: true, blockOwnerDeletion: true },
    ])
    expect(await owner('bare')).toBeUndefined()
    expect(await owner('other')).toBeUndefined()

    await cluster.changeReplicaSet('other', { metadata: { labels: { app: 'app' } } })
    await cluster.changeReplicaSet('match', { metadata: { labels: { app: 'gone' } } })
    await cluster.pass(1000)
    expect(await owner('other')).toBe(metadata.uid)
    expect(await owner('match')).toBeUndefined()
  })

  test("another controller's is left alone", async () => {
    const reference = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'app2',
      controller: true,
    }
    const other = await cluster.create(
      givenDeployment({ name: 'app2', selector: { matchLabels: { app: 'app' } }, replicas: 0 }),
    )
    await cluster.pass(1000)
    const bare = givenReplicaSet({ name: 'theirs', replicas: 0 })
    const ownerReferences = [{ ...reference, uid: other.metadata.uid ?? '' }]
    await cluster.create({ ...bare, metadata: { ...bare.metadata, ownerReferences } })
    await cluster.create(givenDeployment())
    await cluster.rolledOut()
    expect(await owner('theirs')).toBe(other.metadata.uid)
  })

  test('B-06: a Deployment that is replaced meanwhile adopts nothing', async () => {
    await cluster.create(givenDeployment())
    await cluster.rolledOut()
    // Both happen before the controller's cache can know of either.
    await cluster.transport.delete(deployments, { ...inDefault, name: 'app' })
    await cluster.create(givenReplicaSet({ name: 'late', replicas: 0 }))
    await cluster.pass(1000)
    expect(await owner('late')).toBeUndefined()
  })

  test('B-08: an adopted one with the template becomes the new ReplicaSet under its own name', async () => {
    await cluster.create(givenReplicaSet({ name: 'mine', image: 'app:1', replicas: 2 }))
    await cluster.pass(1000)
    const { template } = givenReplicaSet({ image: 'app:1' }).spec ?? {}
    await cluster.create({
      ...givenDeployment(),
      spec: { selector: { matchLabels: { app: 'app' } }, template: template ?? {}, replicas: 3 },
    })
    await cluster.rolledOut()
    expect((await cluster.replicaSets()).map(({ metadata }) => metadata.name)).toEqual(['mine'])
    expect((await cluster.replicaSet('mine')).spec?.replicas).toBe(3)
  })
})

describe('B-14: the name of the new ReplicaSet is taken', () => {
  test('by itself, created by a pass that this cache has not seen: it counts as created', async () => {
    isFirstByAnother = true
    await cluster.create(givenDeployment())
    const done = await cluster.rolledOut()
    expect(done.status?.collisionCount).toBeUndefined()
    expect(done.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '1' })
    expect(await cluster.replicaSets()).toHaveLength(1)
  })

  test('by another: the next hash differs, and collisionCount is kept', async () => {
    const live = await cluster.create(givenDeployment({ replicas: 0, paused: true }))
    const wanted = desiredNewReplicaSet(live, [])
    const stranger = givenReplicaSet({ labels: { app: 'stranger' }, replicas: 0 })
    await cluster.create({
      ...stranger,
      metadata: { ...stranger.metadata, name: wanted.metadata.name },
    })
    await cluster.change({ spec: { paused: null, replicas: 3 } })
    const done = await cluster.rolledOut()
    expect(done.status?.collisionCount).toBe(1)
    const own = (await cluster.replicaSets()).filter((each) => controllerRef(each))
    expect(own).toHaveLength(1)
    expect(own[0]?.metadata.name).not.toBe(wanted.metadata.name)
  })
})

test('B-15: a creation that is refused is told, tried again, and forgotten when it succeeds', async () => {
  refuse = new StatusError('Forbidden', 'exceeded quota: no more replicasets')
  await cluster.create(givenDeployment())
  await cluster.pass(1000)
  const { status } = await cluster.deployment()
  const progressing = status?.conditions?.find(({ type }) => type === 'Progressing')
  expect(progressing).toMatchObject({ status: 'False', reason: 'ReplicaSetCreateError' })
  expect(progressing?.message).toMatch(
    /^Failed to create new replica set "app-[a-z0-9]+": exceeded quota: no more replicasets$/,
  )
  expect(await cluster.eventsAbout('Deployment')).toMatchObject([
    { type: 'Warning', reason: 'ReplicaSetCreateError', message: progressing?.message },
  ])
  refuse = undefined
  const done = await cluster.rolledOut()
  expect(done.status?.conditions).toMatchObject([{}, { reason: 'NewReplicaSetAvailable' }])
})

test('B-15: into a namespace that goes away nothing is created and nothing said', async () => {
  const causes = [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }]
  refuse = new StatusError('Forbidden', 'being terminated', { causes })
  await cluster.create(givenDeployment())
  await cluster.pass(60_000)
  expect(await cluster.eventsAbout('Deployment')).toEqual([])
  expect((await cluster.deployment()).status?.conditions).toBeUndefined()
})

describe('from the conformance suite', () => {
  test('I-01: a ReplicaSet with a revision beyond 2^53 is adopted and counted on', async () => {
    const annotations = { 'deployment.kubernetes.io/revision': '3546343826724305832' }
    await cluster.create(givenReplicaSet({ name: 'test-rolling-update-controller', annotations }))
    await cluster.pass(1000)
    const created = await cluster.create(givenDeployment({ replicas: 1 }))
    const done = await cluster.rolledOut()
    expect(done.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3546343826724305833',
    })
    const all = await cluster.replicaSets()
    expect(all).toHaveLength(2)
    expect(all.every((each) => controllerRef(each)?.uid === created.metadata.uid)).toBe(true)
  })

  test('I-03: an adopted old ReplicaSet goes when revisionHistoryLimit is 0', async () => {
    await cluster.create(givenReplicaSet({ name: 'test-cleanup-controller' }))
    await cluster.pass(1000)
    const before = new Set((await cluster.livePods()).map(({ metadata }) => metadata.uid))
    await cluster.create(givenDeployment({ replicas: 1, revisionHistoryLimit: 0 }))
    await cluster.rolledOut()
    await cluster.pass(5000)
    expect(await cluster.replicaSets()).toHaveLength(1)
    const fresh = (await cluster.livePods()).filter(({ metadata }) => !before.has(metadata.uid))
    expect(fresh).toHaveLength(1)
  })

  test('I-09: deleting a Deployment takes its ReplicaSets and pods', async () => {
    await cluster.create(givenDeployment())
    await cluster.rolledOut()
    await cluster.transport.delete(
      deployments,
      { ...inDefault, name: 'app' },
      { propagationPolicy: 'Background' },
    )
    await cluster.pass(60_000)
    expect(await cluster.replicaSets()).toEqual([])
    expect(await cluster.livePods()).toEqual([])
  })

  test('I-10: an orphaned ReplicaSet is adopted again by a new Deployment', async () => {
    await cluster.create(givenDeployment())
    await cluster.rolledOut()
    const [before] = await cluster.replicaSets()
    await cluster.transport.delete(
      deployments,
      { ...inDefault, name: 'app' },
      { propagationPolicy: 'Orphan' },
    )
    await cluster.pass(10_000)
    const [orphan] = await cluster.replicaSets()
    expect(orphan && controllerRef(orphan)).toBeUndefined()
    const again = await cluster.create(givenDeployment())
    await cluster.rolledOut()
    const all = await cluster.replicaSets()
    expect(all.map(({ metadata }) => metadata.uid)).toEqual([before?.metadata.uid])
    expect(await owner(before?.metadata.name ?? '')).toBe(again.metadata.uid)
  })
})

test('B-02: while a Deployment waits for its dependents to go, it makes no new ones', async () => {
  await cluster.create(givenDeployment())
  await cluster.rolledOut()
  await cluster.change({ metadata: { finalizers: ['test/hold'] } })
  await cluster.transport.delete(deployments, { ...inDefault, name: 'app' })
  const [replicaSet] = await cluster.replicaSets()
  await cluster.transport.delete(replicaSets, {
    ...inDefault,
    name: replicaSet?.metadata.name ?? '',
  })
  await cluster.setImage('app:2')
  await cluster.pass(60_000)
  expect(await cluster.replicaSets()).toEqual([])
  const { metadata, status } = await cluster.deployment()
  expect(metadata.deletionTimestamp).toBeDefined()
  expect(status?.observedGeneration).toBe(metadata.generation)
})
