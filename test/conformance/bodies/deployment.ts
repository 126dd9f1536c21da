import { deepStrictEqual as equal, ok } from 'node:assert/strict'
import { controllerRef } from '../../../src/api/object.ts'
import { deployments, pods, replicaSets } from '../../../src/api/scheme.ts'
import { suite } from '../body.ts'
import { deploymentOf, imageOf, replicaSetOf, withImage } from '../objects.ts'
import { nameOf, uidOf, type World } from '../world.ts'
import {
  atRevision,
  complete,
  ownedReplicaSets,
  replicaSetWith,
  revisionAnnotation,
} from './rollout-facts.ts'

const labels = { name: 'sample-pod' }
const rollingUpdate = (maxSurge: number, maxUnavailable: number) => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
})

/** A ReplicaSet that nobody owns, all of it ready. */
async function bareReplicaSet(world: World, annotations: Record<string, string> = {}) {
  const described = { name: 'bare', image: world.images.first, labels: { ...labels, pod: 'httpd' } }
  const metadata = { labels: described.labels, annotations }
  const bare = await world.create(replicaSetOf({ ...described, metadata }, { replicas: 1 }))
  await world.until('the bare ReplicaSet is ready', async () => {
    return (await world.get(replicaSets, 'bare')).status?.readyReplicas === 1
  })
  return bare
}

async function adoptsAndReplaces(world: World): Promise<void> {
  const revision = '3546343826724305832'
  const bare = await bareReplicaSet(world, { [revisionAnnotation]: revision })
  await world.create(
    deploymentOf({ name: 'app', image: world.images.second, labels }, { replicas: 1 }),
  )
  await atRevision(world, 'app', '3546343826724305833')
  const deployment = await complete(world, 'app')
  const owned = await ownedReplicaSets(world, deployment)
  const [old, ...others] = owned.filter(({ spec }) => spec?.replicas === 0)
  equal(others, [])
  equal(old && uidOf(old), uidOf(bare))
  await world.until('only the new pod is left', async () => {
    const images = (await world.list(pods)).map(imageOf)
    return images.length === 1 && images[0] === world.images.second
  })
}

async function recreates(world: World): Promise<void> {
  const { first, second } = world.images
  const strategy = { type: 'Recreate' }
  await world.create(deploymentOf({ name: 'app', image: first }, { replicas: 2, strategy }))
  await atRevision(world, 'app', '1')
  await complete(world, 'app')
  const heard = world.watch(pods)
  await world.patch(deployments, 'app', withImage(second))
  await atRevision(world, 'app', '2')
  await complete(world, 'app')
  const alive = new Map<string, string | undefined>()
  for (const { type, object } of heard) {
    const phase = object.status?.phase
    const isOver = type === 'DELETED' || phase === 'Succeeded' || phase === 'Failed'
    if (isOver) alive.delete(nameOf(object))
    else alive.set(nameOf(object), imageOf(object))
    ok(new Set(alive.values()).size <= 1, `pods of both images: ${[...alive.values()]}`)
  }
  ok(heard.some(({ object }) => imageOf(object) === second))
}

async function deletesOld(world: World): Promise<void> {
  const bare = await bareReplicaSet(world)
  const heard = world.watch(pods)
  await world.until('the watch has begun', async () => heard.length > 0)
  const described = { name: 'app', image: world.images.second, labels }
  await world.create(deploymentOf(described, { replicas: 1, revisionHistoryLimit: 0 }))
  await complete(world, 'app')
  await world.until('the old ReplicaSet is deleted', () => world.isGone(replicaSets, nameOf(bare)))
  const created = heard.filter(
    ({ type, object }) => type === 'ADDED' && imageOf(object) === world.images.second,
  )
  equal(created.length, 1)
}

async function rollsOver(world: World): Promise<void> {
  const { first, second, missing } = world.images
  const bare = await bareReplicaSet(world)
  const spec = { replicas: 1, minReadySeconds: 10, ...rollingUpdate(1, 0) }
  await world.create(deploymentOf({ name: 'app', image: missing, labels }, spec))
  await atRevision(world, 'app', '1')
  const stuck = await replicaSetWith(world, missing)
  const isAdopted = async () => controllerRef(await world.get(replicaSets, nameOf(bare)))
  await world.until('the bare ReplicaSet is adopted', isAdopted)
  await world.until('the bad ReplicaSet has a pod', async () => {
    return (await world.get(replicaSets, nameOf(stuck))).status?.replicas === 1
  })
  equal((await world.get(replicaSets, nameOf(bare))).spec?.replicas, 1)
  await world.patch(deployments, 'app', withImage(second))
  await world.until('the new generation is observed', async () => {
    const { metadata, status } = await world.get(deployments, 'app')
    return (status?.observedGeneration ?? 0) >= Number(metadata.generation)
  })
  const deployment = await complete(world, 'app')
  equal(deployment.metadata.annotations?.[revisionAnnotation], '2')
  const owned = await ownedReplicaSets(world, deployment)
  const sizes = owned.map(({ spec }) => [
    spec?.template?.spec?.containers[0]?.image,
    spec?.replicas,
  ])
  equal(
    new Map(sizes as [string, number][]),
    new Map([
      [first, 0],
      [missing, 0],
      [second, 1],
    ]),
  )
}

async function scalesProportionally(world: World): Promise<void> {
  const { first, missing } = world.images
  await world.create(
    deploymentOf({ name: 'app', image: first }, { replicas: 10, ...rollingUpdate(3, 2) }),
  )
  await complete(world, 'app')
  await world.patch(deployments, 'app', withImage(missing))
  const [old, stuck] = [await replicaSetWith(world, first), await replicaSetWith(world, missing)]
  const sizes = async () => {
    const found = [
      await world.get(replicaSets, nameOf(old)),
      await world.get(replicaSets, nameOf(stuck)),
    ]
    return found.map(({ spec, status }) => [spec?.replicas, status?.replicas])
  }
  const have = (what: string, oldSize: number, newSize: number) =>
    world.until(`${what}: ${oldSize} + ${newSize}`, async () => {
      return (
        String(await sizes()) ===
        String([
          [oldSize, oldSize],
          [newSize, newSize],
        ])
      )
    })
  await have('the rollout is stuck', 8, 5)
  await world.until('eight are available', async () => {
    return (await world.get(deployments, 'app')).status?.availableReplicas === 8
  })
  await world.patch(deployments, 'app', { spec: { replicas: 30 } })
  await have('scaled in proportion', 20, 13)
}

async function reapingCascades(world: World): Promise<void> {
  await world.create(deploymentOf({ name: 'app', image: world.images.first }, { replicas: 2 }))
  await complete(world, 'app')
  await world.delete(deployments, 'app', { propagationPolicy: 'Background' })
  await world.until('no Deployment, ReplicaSet or pod is left', async () => {
    const left = [
      await world.list(deployments),
      await world.list(replicaSets),
      await world.list(pods),
    ]
    return left.flat().length === 0
  })
}

async function orphansAndAdopts(world: World): Promise<void> {
  const described = deploymentOf({ name: 'app', image: world.images.first }, { replicas: 1 })
  await world.create(described)
  const [before, ...others] = await ownedReplicaSets(world, await complete(world, 'app'))
  equal(others, [])
  ok(before)
  await world.delete(deployments, 'app', { propagationPolicy: 'Orphan' })
  await world.until('the Deployment is deleted', () => world.isGone(deployments, 'app'))
  const orphan = await world.get(replicaSets, nameOf(before))
  equal([uidOf(orphan), controllerRef(orphan)], [uidOf(before), undefined])
  const again = await world.create(described)
  await complete(world, 'app')
  const [adopted, ...more] = await world.list(replicaSets)
  equal(more, [])
  equal(
    [adopted && uidOf(adopted), adopted && controllerRef(adopted)?.uid],
    [uidOf(before), uidOf(again)],
  )
}

export const deploymentBodies = suite('Deployment', {
  'I-01 RollingUpdateDeployment should delete old pods and create new ones': adoptsAndReplaces,
  'I-02 RecreateDeployment should delete old pods and create new ones': recreates,
  'I-03 deployment should delete old replica sets': deletesOld,
  'I-04 deployment should support rollover': rollsOver,
  'I-05 deployment should support proportional scaling': scalesProportionally,
  'I-09 deployment reaping should cascade to its replica sets and pods': reapingCascades,
  'I-10 test Deployment ReplicaSet orphaning and adoption regarding controllerRef':
    orphansAndAdopts,
})
