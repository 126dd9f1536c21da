import { notStrictEqual as differ, deepStrictEqual as equal, ok } from 'node:assert/strict'
import type { DaemonSet, Pod } from '../../../src/api/generated/types.ts'
import { controllerRef } from '../../../src/api/object.ts'
import { controllerRevisions, daemonSets, nodes, pods } from '../../../src/api/scheme.ts'
import { suite } from '../body.ts'
import { daemonSetOf, imageOf, isReady, withImage } from '../objects.ts'
import { nameOf, uidOf, type World } from '../world.ts'
import { aReadyNode, readyNodes } from './nodes.ts'
import { statusEndpoints } from './status-endpoints.ts'

const hashLabel = 'controller-revision-hash'

async function podsOf(world: World): Promise<readonly Pod[]> {
  const set = await world.get(daemonSets, 'ds')
  return (await world.list(pods)).filter((pod) => controllerRef(pod)?.uid === uidOf(set))
}

/** Until exactly these nodes run a pod that is ready, one each. */
export function runsOn(world: World, names: readonly string[]): Promise<readonly Pod[]> {
  return world.until(`one ready pod on each of ${names.length} nodes`, async () => {
    const found = (await podsOf(world)).filter(({ metadata }) => !metadata.deletionTimestamp)
    const where = found.map(({ spec }) => spec?.nodeName ?? '').sort()
    return String(where) === String([...names].sort()) && found.every(isReady) && found
  })
}

async function runsEverywhere(world: World): Promise<readonly Pod[]> {
  return runsOn(world, (await readyNodes(world)).map(nameOf))
}

export async function givenDaemonSet(world: World, spec: Partial<DaemonSet['spec']> = {}) {
  const labels = { e2e: world.namespace }
  const described = { name: 'ds', image: world.images.first, metadata: { labels } }
  await world.create(daemonSetOf(described, spec))
  return runsEverywhere(world)
}

async function runsAndStops(world: World): Promise<void> {
  const [pod] = await givenDaemonSet(world)
  ok(pod)
  await world.delete(pods, nameOf(pod))
  await world.until('another pod runs in its place', async () => {
    const found = await podsOf(world)
    return found.every((one) => uidOf(one) !== uidOf(pod)) && found.every(isReady) && found[0]
  })
  await runsEverywhere(world)
  await world.delete(daemonSets, 'ds')
  await world.until('no pod is left', async () => (await world.list(pods)).length === 0)
}

/** Labels that only this body looks for; taken off again at the end. */
async function withNodeLabel(world: World, run: Parameters<typeof colours>[2]): Promise<void> {
  const node = nameOf(await aReadyNode(world))
  const key = `${world.namespace}/colour`
  try {
    await colours(world, { node, key }, run)
  } finally {
    await world.patch(nodes, node, { metadata: { labels: { [key]: null } } })
  }
}

async function colours(
  world: World,
  { node, key }: { readonly node: string; readonly key: string },
  select: (colour: string) => object,
): Promise<void> {
  const paint = (colour: string | null) =>
    world.patch(nodes, node, { metadata: { labels: { [key]: colour } } })
  const described = { name: 'ds', image: world.images.first, pod: select(key) }
  await world.create(daemonSetOf(described))
  await world.until('no node is wanted', async () => {
    const { status } = await world.get(daemonSets, 'ds')
    return status?.observedGeneration === 1 && status.desiredNumberScheduled === 0
  })
  equal(await world.list(pods), [])
  await paint('blue')
  await runsOn(world, [node])
  await paint('green')
  await runsOn(world, [])
  await paint('blue')
  await runsOn(world, [node])
  await paint(null)
  await runsOn(world, [])
}

const complex = (world: World) =>
  withNodeLabel(world, (key) => ({ nodeSelector: { [key]: 'blue' } }))

const complexByAffinity = (world: World) =>
  withNodeLabel(world, (key) => {
    const matchExpressions = [{ key, operator: 'In', values: ['blue'] }]
    const required = { nodeSelectorTerms: [{ matchExpressions }] }
    return {
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
    }
  })

async function retriesFailed(world: World): Promise<void> {
  const [pod] = await givenDaemonSet(world)
  ok(pod)
  await world.merge(pods, nameOf(pod), { status: { phase: 'Failed' } }, 'status')
  await world.until('the failed pod is gone', () => world.isGone(pods, nameOf(pod)))
  await runsEverywhere(world)
}

/** Newest first. */
async function histories(world: World) {
  const found = [...(await world.list(controllerRevisions))]
  return found.sort((a, b) => Number(b.revision) - Number(a.revision))
}

function hashes(found: readonly Pod[]): readonly string[] {
  return [...new Set(found.map(({ metadata }) => metadata.labels?.[hashLabel] ?? ''))]
}

const untilRevision = (world: World, revision: number) =>
  world.until(`there are ${revision} revisions`, async () => {
    const found = await histories(world)
    return found.length === revision && Number(found[0]?.revision) === revision && found
  })

async function rollsOut(world: World): Promise<void> {
  const { second } = world.images
  const before = await givenDaemonSet(world, { updateStrategy: { type: 'RollingUpdate' } })
  const [first] = await untilRevision(world, 1)
  equal(hashes(before), [first?.metadata.labels?.[hashLabel]])
  await world.patch(daemonSets, 'ds', withImage(second))
  await world.until('every pod has the new image', async () => {
    const found = await podsOf(world)
    return found.every((pod) => imageOf(pod) === second) && found[0]
  })
  const after = await runsEverywhere(world)
  const [current] = await untilRevision(world, 2)
  equal(hashes(after), [current?.metadata.labels?.[hashLabel]])
  differ(hashes(after)[0], hashes(before)[0])
}

async function ignoresOnDelete(world: World): Promise<void> {
  const { first, second } = world.images
  const before = await givenDaemonSet(world, { updateStrategy: { type: 'OnDelete' } })
  await world.patch(daemonSets, 'ds', withImage(second))
  const [current] = await untilRevision(world, 2)
  const isAsBefore = async () => {
    const found = await podsOf(world)
    const isSame = String(found.map(uidOf)) === String(before.map(uidOf))
    return isSame && found.every((pod) => imageOf(pod) === first)
  }
  await world.stays('no pod is replaced', isAsBefore, 3_000)
  differ(current?.metadata.labels?.[hashLabel], hashes(before)[0])
}

async function rollsBack(world: World): Promise<void> {
  const { first, missing } = world.images
  await givenDaemonSet(world, { updateStrategy: { type: 'RollingUpdate' } })
  await world.patch(daemonSets, 'ds', withImage(missing))
  const halfway = await world.until('a pod has the bad image', async () => {
    const found = await podsOf(world)
    return found.some((pod) => imageOf(pod) === missing) && found
  })
  const untouched = halfway.filter((pod) => imageOf(pod) === first)
  ok(untouched.length > 0, 'some pods are not updated yet')
  await world.patch(daemonSets, 'ds', withImage(first))
  await world.until('every pod has the good image', async () => {
    const found = await podsOf(world)
    return found.every((pod) => imageOf(pod) === first) && found[0]
  })
  const after = await runsEverywhere(world)
  for (const pod of untouched.filter(({ metadata }) => !metadata.deletionTimestamp)) {
    const same = after.find((one) => uidOf(one) === uidOf(pod))
    ok(same, `${nameOf(pod)} was never updated, and is still there`)
    equal(same.status?.containerStatuses?.[0]?.restartCount, 0)
  }
}

async function deletesCollection(world: World): Promise<void> {
  await givenDaemonSet(world)
  const labelSelector = `e2e=${world.namespace}`
  equal((await world.api.list(daemonSets, {}, { labelSelector })).items.map(nameOf), ['ds'])
  await world.api.deleteCollection(daemonSets, { namespace: world.namespace }, { labelSelector })
  await world.until('no DaemonSet is left', async () => {
    return (await world.list(daemonSets, labelSelector)).length === 0
  })
}

async function changesStatus(world: World): Promise<void> {
  await givenDaemonSet(world)
  await statusEndpoints(world, daemonSets, 'ds')
}

/** With surge a node's old pod goes only when its new one is there. */
async function surges(world: World): Promise<void> {
  const { second } = world.images
  const rollingUpdate = { maxSurge: '100%', maxUnavailable: 0 }
  await givenDaemonSet(world, { updateStrategy: { type: 'RollingUpdate', rollingUpdate } })
  const heard = world.watch(pods)
  const wanted = (await readyNodes(world)).map(nameOf)
  await world.until('the watch has begun', async () => heard.length >= wanted.length)
  await world.patch(daemonSets, 'ds', withImage(second))
  await world.until('every pod has the new image', async () => {
    const found = await podsOf(world)
    return found.every((pod) => imageOf(pod) === second) && found[0]
  })
  await runsEverywhere(world)
  const alive = new Map<string, Pod>()
  let hasBegun = false
  for (const { type, object } of heard) {
    if (type === 'DELETED') alive.delete(uidOf(object))
    else alive.set(uidOf(object), object)
    const served = new Set([...alive.values()].filter(isReady).map(({ spec }) => spec?.nodeName))
    hasBegun ||= served.size === wanted.length
    ok(!hasBegun || served.size === wanted.length, `only ${served.size} nodes have a ready pod`)
  }
  ok(hasBegun)
}

export const daemonSetBodies = suite('Daemon set', {
  'I-23 should run and stop simple daemon': runsAndStops,
  'I-23 should run and stop complex daemon': complex,
  'I-23 should run and stop complex daemon with node affinity': complexByAffinity,
  'I-23 should retry creating failed daemon pods': retriesFailed,
  'I-24 should update pod when spec was updated and update strategy is RollingUpdate': rollsOut,
  'I-25 should rollback without unnecessary restarts': { nodesMin: 2, run: rollsBack },
  'I-26 should list and delete a collection of DaemonSets': deletesCollection,
  'I-26 should verify changes to a daemon set status': changesStatus,
  'I-27 should not update pod when spec was updated and update strategy is OnDelete':
    ignoresOnDelete,
  'I-27 should surge pods onto nodes when spec was updated and update strategy is RollingUpdate':
    surges,
})
