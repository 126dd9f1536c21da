import { deepStrictEqual as equal } from 'node:assert/strict'
import type { OwnerReference } from '../../../src/api/generated/types.ts'
import { controllerRef, type KubeObject } from '../../../src/api/object.ts'
import { deployments, pods, replicaSets } from '../../../src/api/scheme.ts'
import { suite } from '../body.ts'
import { deploymentOf, podOf, replicaSetOf } from '../objects.ts'
import { nameOf, uidOf, type World } from '../world.ts'

/** Long enough for a collector that errs to have erred. */
const watchfulMs = 10_000

async function givenReplicaSet(world: World, replicas: number) {
  const set = await world.create(
    replicaSetOf({ name: 'app', image: world.images.first }, { replicas }),
  )
  await world.until(`${replicas} pods are there`, async () => {
    return (await world.get(replicaSets, 'app')).status?.replicas === replicas
  })
  return set
}

async function deletesDependents(world: World): Promise<void> {
  const set = await givenReplicaSet(world, 2)
  await world.delete(replicaSets, 'app', {
    propagationPolicy: 'Background',
    preconditions: { uid: uidOf(set) },
  })
  await world.until('no pod is left', async () => (await world.list(pods)).length === 0)
}

async function orphansPods(world: World): Promise<void> {
  const set = await givenReplicaSet(world, 3)
  const before = (await world.list(pods)).map(uidOf)
  await world.delete(replicaSets, 'app', {
    propagationPolicy: 'Orphan',
    preconditions: { uid: uidOf(set) },
  })
  await world.until('the owner is deleted', () => world.isGone(replicaSets, 'app'))
  const areKept = async () => {
    const found = await world.list(pods)
    return String(found.map(uidOf)) === String(before)
  }
  await world.stays('the pods are kept', areKept, watchfulMs)
  equal(
    (await world.list(pods)).flatMap((pod) => pod.metadata.ownerReferences ?? []),
    [],
  )
}

async function deletesReplicaSets(world: World): Promise<void> {
  await world.create(deploymentOf({ name: 'app', image: world.images.first }, { replicas: 2 }))
  await world.until('a ReplicaSet is there', async () => (await world.list(replicaSets))[0])
  await world.delete(deployments, 'app', { propagationPolicy: 'Background' })
  await world.until('nothing is left', async () => {
    return [...(await world.list(replicaSets)), ...(await world.list(pods))].length === 0
  })
}

async function orphansReplicaSets(world: World): Promise<void> {
  await world.create(deploymentOf({ name: 'app', image: world.images.first }, { replicas: 2 }))
  await world.until('two pods are there', async () => (await world.list(pods)).length === 2)
  await world.delete(deployments, 'app', { propagationPolicy: 'Orphan' })
  await world.until('the owner is deleted', () => world.isGone(deployments, 'app'))
  const areKept = async () =>
    (await world.list(replicaSets)).length === 1 && (await world.list(pods)).length === 2
  await world.stays('one ReplicaSet and two pods are kept', areKept, watchfulMs)
  equal((await world.list(replicaSets)).map(controllerRef), [undefined])
}

/** The owner is gone no sooner than the last of its pods. */
async function keepsOwner(world: World): Promise<void> {
  const set = await givenReplicaSet(world, 4)
  const heardOwner = world.watch(replicaSets)
  const heardPods = world.watch(pods)
  await world.delete(replicaSets, 'app', {
    propagationPolicy: 'Foreground',
    preconditions: { uid: uidOf(set) },
  })
  await world.until('the owner is deleted', () => world.isGone(replicaSets, 'app'))
  equal(await world.list(pods), [])
  const [{ object: gone }, lastPods] = [
    await world.hears(heardOwner, 'the owner is deleted', ({ type }) => type === 'DELETED'),
    heardPods.filter(({ type }) => type === 'DELETED'),
  ]
  const versions = lastPods.map(({ object }) => Number(object.metadata.resourceVersion))
  equal(versions.length, 4)
  equal(Math.max(...versions) < Number(gone.metadata.resourceVersion), true)
}

function ownedBy(owner: KubeObject, isController = false): OwnerReference {
  const { apiVersion, kind } = owner
  const names = { apiVersion, kind, name: nameOf(owner), uid: uidOf(owner) }
  return isController ? { ...names, controller: true, blockOwnerDeletion: true } : names
}

async function keepsWithValidOwner(world: World): Promise<void> {
  const deleted = await givenReplicaSet(world, 4)
  const stays = await world.create(
    replicaSetOf({ name: 'stays', image: world.images.first }, { replicas: 0 }),
  )
  const half = (await world.list(pods)).slice(0, 2)
  for (const pod of half) {
    await world.patch(pods, nameOf(pod), { metadata: { ownerReferences: [ownedBy(stays)] } })
  }
  await world.delete(replicaSets, 'app', {
    propagationPolicy: 'Foreground',
    preconditions: { uid: uidOf(deleted) },
  })
  await world.until('the first owner is deleted', () => world.isGone(replicaSets, 'app'))
  const left = await world.list(pods)
  equal(left.map(uidOf), half.map(uidOf))
  for (const { metadata } of left) {
    equal(metadata.deletionTimestamp, undefined)
    equal(
      metadata.ownerReferences?.map(({ uid }) => uid),
      [uidOf(stays)],
    )
  }
}

async function breaksCircles(world: World): Promise<void> {
  const image = world.images.first
  const made = []
  for (const name of ['pod1', 'pod2', 'pod3']) made.push(await world.create(podOf({ name, image })))
  for (const [index, pod] of made.entries()) {
    const owner = made.at(index - 1) ?? pod
    const ownerReferences = [ownedBy(owner, true)]
    await world.patch(pods, nameOf(pod), { metadata: { ownerReferences } })
  }
  await world.delete(pods, 'pod1', {
    propagationPolicy: 'Foreground',
    preconditions: { uid: made.map(uidOf)[0] },
  })
  await world.until('all three are gone', async () => (await world.list(pods)).length === 0)
}

export const garbageCollectorBodies = suite('Garbage collector', {
  'I-30 should delete pods created by rc when not orphaning': deletesDependents,
  'I-30 should orphan pods created by rc if delete options say so': orphansPods,
  'I-30 should delete RS created by deployment when not orphaning': deletesReplicaSets,
  'I-30 should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan':
    orphansReplicaSets,
  'I-30 should keep the rc around until all its pods are deleted if the deleteOptions says so':
    keepsOwner,
  "I-30 should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted":
    keepsWithValidOwner,
  'I-30 should not be blocked by dependency circle': breaksCircles,
})
