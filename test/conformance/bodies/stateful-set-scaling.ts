import { notStrictEqual as differ, deepStrictEqual as equal, ok } from 'node:assert/strict'
import type { Pod } from '../../../src/api/generated/types.ts'
import { pods, statefulSets } from '../../../src/api/scheme.ts'
import { suite } from '../body.ts'
import { gated, isReady, podOf, statefulSetOf } from '../objects.ts'
import { type Heard, nameOf, uidOf, type World } from '../world.ts'
import { aReadyNode } from './nodes.ts'
import { allReady, podsOf, statusHas } from './stateful-set-facts.ts'

function named(heard: readonly Heard<Pod>[], type: string): readonly string[] {
  return heard.filter((one) => one.type === type).map(({ object }) => nameOf(object))
}

/** Opens the gate of every pod that is or comes, until `count` are ready. */
async function openAll(world: World, count: number): Promise<void> {
  await world.until(`${count} pods are ready once their gates are open`, async () => {
    const found = await podsOf(world)
    const shut = found.filter((pod) => !isReady(pod) && !pod.metadata.deletionTimestamp)
    for (const pod of shut) await world.gone(() => world.setReady(nameOf(pod), true))
    return found.length === count && found.every(isReady)
  })
}

async function shutAll(world: World): Promise<void> {
  for (const pod of await podsOf(world)) await world.setReady(nameOf(pod), false)
  await statusHas(world, 'none is ready', { readyReplicas: 0 })
}

const scaleTo = (world: World, replicas: number) =>
  world.patch(statefulSets, 'ss', { spec: { replicas } })

const staysAt = (world: World, count: number) =>
  world.stays(`${count} pods`, async () => (await podsOf(world)).length === count, 10_000)

const gatedSet = (world: World, spec: object) =>
  world.create(
    statefulSetOf({ name: 'ss', image: world.images.first, pod: gated }, { replicas: 1, ...spec }),
  )

async function haltsWhenUnhealthy(world: World): Promise<void> {
  const heard = world.watch(pods)
  await gatedSet(world, {})
  await openAll(world, 1)
  await shutAll(world)
  await scaleTo(world, 3)
  await staysAt(world, 1)
  await openAll(world, 3)
  equal(named(heard, 'ADDED'), ['ss-0', 'ss-1', 'ss-2'])

  await shutAll(world)
  await scaleTo(world, 0)
  await staysAt(world, 3)
  await world.until('all are gone once their gates are open', async () => {
    const found = await podsOf(world)
    for (const pod of found) {
      const isLeaving = pod.metadata.deletionTimestamp !== undefined
      if (!isLeaving) await world.gone(() => world.setReady(nameOf(pod), true))
    }
    return found.length === 0
  })
  equal(named(heard, 'DELETED'), ['ss-2', 'ss-1', 'ss-0'])
}

async function bursts(world: World): Promise<void> {
  await gatedSet(world, { podManagementPolicy: 'Parallel' })
  await openAll(world, 1)
  await shutAll(world)
  await scaleTo(world, 3)
  await world.until('three pods are there, ready or not', async () => {
    return (await podsOf(world)).length === 3
  })
  await openAll(world, 3)
  await shutAll(world)
  await scaleTo(world, 0)
  await world.until('none is there', async () => (await podsOf(world)).length === 0)
  await statusHas(world, 'no replicas', { replicas: 0 })
}

/** A host port that is taken makes the node refuse the pod, again and again, until it is free. */
async function recreatesEvicted(world: World): Promise<void> {
  const nodeName = nameOf(await aReadyNode(world))
  const container = { ports: [{ name: 'conflict', hostPort: 21017, containerPort: 21017 }] }
  const described = { image: world.images.first, container, pod: { nodeName } }
  await world.create(podOf({ ...described, name: 'test-pod' }))
  await world.until('the pod with the port runs', async () => {
    return (await world.get(pods, 'test-pod')).status?.phase === 'Running'
  })
  const heard = world.watch(pods)
  await world.create(statefulSetOf({ ...described, name: 'ss' }, { replicas: 1 }))
  const ofSet = ({ object }: Heard<Pod>) => nameOf(object) === 'ss-0'
  const refused = await world.hears(heard, 'ss-0 has failed', (one) => {
    return ofSet(one) && one.object.status?.phase === 'Failed'
  })
  await world.hears(heard, 'the failed pod is deleted', (one) => {
    return ofSet(one) && one.type === 'DELETED' && uidOf(one.object) === uidOf(refused.object)
  })
  await world.delete(pods, 'test-pod', { gracePeriodSeconds: 0 })
  const running = await world.until('ss-0 runs', async () => {
    const pod = await world.find(pods, 'ss-0')
    return pod?.status?.phase === 'Running' && pod
  })
  differ(uidOf(running), uidOf(refused.object))
}

async function doesNotDeadlock(world: World): Promise<void> {
  await gatedSet(world, { replicas: 2 })
  const running = (count: number) =>
    world.until(`${count} pods run`, async () => {
      const found = (await podsOf(world)).filter(({ status }) => status?.phase === 'Running')
      return found.length === count && found
    })
  await running(1)
  await world.setReady('ss-0', true)
  await running(2)
  const before = uidOf(await world.get(pods, 'ss-0'))
  await world.delete(pods, 'ss-0')
  await world.until('pod 0 is recreated though pod 1 is not ready', async () => {
    const pod = await world.find(pods, 'ss-0')
    return pod !== undefined && uidOf(pod) !== before && pod.status?.phase === 'Running'
  })
  await openAll(world, 2)
}

async function startOrdinal(world: World): Promise<void> {
  const names = (wanted: readonly string[]) =>
    world.until(`the pods are ${wanted}`, async () => {
      const found = await podsOf(world)
      return String(found.map(nameOf)) === String(wanted) && found.every(isReady)
    })
  const spec = { replicas: 2, ordinals: { start: 2 } }
  await world.create(statefulSetOf({ name: 'ss', image: world.images.first }, spec))
  await names(['ss-2', 'ss-3'])
  const start = (start: number) =>
    world.patch(statefulSets, 'ss', { spec: { ordinals: { start } } })
  await start(4)
  await names(['ss-4', 'ss-5'])
  await start(3)
  await names(['ss-3', 'ss-4'])
  await world.patch(statefulSets, 'ss', { spec: { ordinals: null } })
  await names(['ss-0', 'ss-1'])
}

async function honoursMinReadySeconds(world: World): Promise<void> {
  const spec = { replicas: 2, minReadySeconds: 30, podManagementPolicy: 'Parallel' }
  await world.create(statefulSetOf({ name: 'ss', image: world.images.first }, spec))
  await allReady(world, 2)
  await world.stays(
    'none is available',
    async () => ((await world.get(statefulSets, 'ss')).status?.availableReplicas ?? 0) === 0,
    5_000,
  )
  await statusHas(world, 'two available', { availableReplicas: 2 })
  await world.patch(statefulSets, 'ss', { spec: { minReadySeconds: 3600 } })
  await statusHas(world, 'none available', { availableReplicas: 0 })
  await world.patch(statefulSets, 'ss', { spec: { minReadySeconds: 0 } })
  const { status } = await statusHas(world, 'two available again', { availableReplicas: 2 })
  ok(status?.readyReplicas === 2)
}

export const statefulSetScalingBodies = suite('StatefulSet', {
  'I-18 Scaling should happen in predictable order and halt if any stateful pod is unhealthy':
    haltsWhenUnhealthy,
  'I-19 Burst scaling should run to completion even with unhealthy pods': bursts,
  'I-20 Should recreate evicted statefulset': recreatesEvicted,
  "I-22 should not deadlock when a pod's predecessor fails": doesNotDeadlock,
  'I-22 Setting, increasing, decreasing and removing .start ordinal': startOrdinal,
  'I-22 AvailableReplicas should get updated accordingly when MinReadySeconds is enabled':
    honoursMinReadySeconds,
})
