import { notStrictEqual as differ, deepStrictEqual as equal } from 'node:assert/strict'
import { controllerRevisions, pods, statefulSets } from '../../../src/api/scheme.ts'
import { suite } from '../body.ts'
import { imageOf, statefulSetOf, withImage } from '../objects.ts'
import { nameOf, type World } from '../world.ts'
import {
  allReady,
  equalImages,
  imagesAre,
  observed,
  podsOf,
  replacePods,
  revisionLabel,
  statusHas,
} from './stateful-set-facts.ts'

const partitioned = (partition: number) => ({
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition } },
})

/** A StatefulSet of three, ready; the revision that it runs. */
async function given(world: World, spec: object = {}): Promise<string> {
  await world.create(
    statefulSetOf({ name: 'ss', image: world.images.first }, { replicas: 3, ...spec }),
  )
  await allReady(world, 3)
  const { status } = await statusHas(world, 'three ready', { readyReplicas: 3, currentReplicas: 3 })
  equal(status?.currentRevision, status?.updateRevision)
  const revision = status?.currentRevision ?? ''
  equal((await podsOf(world)).map(revisionLabel), [revision, revision, revision])
  return revision
}

/** Pods come with the new image from the highest ordinal down, one at a time. */
async function rollsTo(world: World, image: string): Promise<void> {
  const heard = world.watch(pods)
  const sets = world.watch(statefulSets)
  await world.patch(statefulSets, 'ss', withImage(image))
  await world.hears(sets, 'the update revision is not the current one', ({ object }) => {
    return object.status?.currentRevision !== object.status?.updateRevision
  })
  await imagesAre(world, [image, image, image])
  await world.until('the update is complete', async () => {
    const { status: now } = await world.get(statefulSets, 'ss')
    return now?.currentRevision === now?.updateRevision && now?.currentReplicas === 3
  })
  const added = heard.filter(({ type, object }) => type === 'ADDED' && imageOf(object) === image)
  equal(
    added.map(({ object }) => nameOf(object)),
    ['ss-2', 'ss-1', 'ss-0'],
  )
}

async function rollsBack(world: World): Promise<void> {
  const { first, second } = world.images
  const original = await given(world)
  await rollsTo(world, second)
  const updated = (await world.get(statefulSets, 'ss')).status?.currentRevision
  differ(updated, original)
  await rollsTo(world, first)
  equal((await world.get(statefulSets, 'ss')).status?.currentRevision, original)
  equal((await podsOf(world)).map(revisionLabel), [original, original, original])
  equal((await world.list(controllerRevisions)).length, 2)
}

async function phases(world: World): Promise<void> {
  const { first, second } = world.images
  const old = await given(world, partitioned(3))
  await world.patch(statefulSets, 'ss', withImage(second))
  const { status } = await observed(world)
  const updateRevision = status?.updateRevision ?? ''
  differ(status?.currentRevision, updateRevision)
  await world.stays(
    'no pod is updated',
    async () => (await podsOf(world)).every((pod) => revisionLabel(pod) === old),
    3_000,
  )
  await world.patch(statefulSets, 'ss', { spec: partitioned(2) })
  await imagesAre(world, [first, first, second])
  equal((await podsOf(world)).map(revisionLabel), [old, old, updateRevision])

  await replacePods(world, [0, 2])
  await allReady(world, 3)
  await equalImages(world, [first, first, second])
  equal((await podsOf(world)).map(revisionLabel), [old, old, updateRevision])

  await world.patch(statefulSets, 'ss', { spec: partitioned(1) })
  await imagesAre(world, [first, second, second])
  await world.patch(statefulSets, 'ss', { spec: partitioned(0) })
  await imagesAre(world, [second, second, second])
  await statusHas(world, 'the update revision is current', { currentRevision: updateRevision })
}

/** The lowest pod of a partition of one comes back old, and the others go on to the new. */
async function deletesBelowPartition(world: World): Promise<void> {
  const { first, second } = world.images
  const old = await given(world, partitioned(1))
  await world.patch(statefulSets, 'ss', withImage(second))
  await imagesAre(world, [first, second, second])
  await replacePods(world, [0])
  await allReady(world, 3)
  await equalImages(world, [first, second, second])
  const [lowest] = await podsOf(world)
  equal(lowest && revisionLabel(lowest), old)
}

async function onDelete(world: World): Promise<void> {
  const { first, second } = world.images
  const old = await given(world, { updateStrategy: { type: 'OnDelete' } })
  await replacePods(world, [0, 1, 2])
  await allReady(world, 3)
  equal((await podsOf(world)).map(revisionLabel), [old, old, old])
  await world.patch(statefulSets, 'ss', withImage(second))
  const { status } = await observed(world)
  differ(status?.currentRevision, status?.updateRevision)
  await world.stays(
    'no pod is replaced by itself',
    async () => (await podsOf(world)).every((pod) => imageOf(pod) === first),
    3_000,
  )
  await replacePods(world, [0, 1, 2])
  await imagesAre(world, [second, second, second])
}

export const statefulSetRolloutBodies = suite('StatefulSet', {
  'I-16 should perform rolling updates and roll backs of template modifications': rollsBack,
  'I-17 should perform canary updates and phased rolling updates of template modifications': phases,
  'I-17 should perform canary updates and phased rolling updates of template modifications for partiton1 and delete pod-0 without failing container':
    deletesBelowPartition,
  'I-22 should implement legacy replacement when the update strategy is OnDelete': onDelete,
})
