import { deepStrictEqual as equal } from 'node:assert/strict'
import type { Deployment } from '../../../src/api/generated/types.ts'
import { deployments, pods } from '../../../src/api/scheme.ts'
import { suite } from '../body.ts'
import { deploymentOf, withImage } from '../objects.ts'
import { nameOf, type World } from '../world.ts'
import { complete, isComplete, ownedReplicaSets, revisionOf } from './rollout-facts.ts'
import { scaleSubresource, statusEndpoints } from './status-endpoints.ts'

async function runsLifecycle(world: World): Promise<void> {
  const { first, second } = world.images
  const selector = `test-deployment=${world.namespace}`
  const labels = { 'test-deployment': world.namespace }
  const heard = world.watch(deployments, selector)
  await world.create(
    deploymentOf({ name: 'app', image: first, metadata: { labels } }, { replicas: 2 }),
  )
  await world.hears(heard, 'ADDED', ({ type }) => type === 'ADDED')
  const isReady = ({ status }: Deployment, count: number) => status?.readyReplicas === count
  await world.hears(heard, 'two ready', ({ object }) => isReady(object, 2))

  const body = {
    metadata: { labels: { 'test-deployment': world.namespace, patched: 'yes' } },
    spec: { replicas: 1, ...withImage(second).spec },
  }
  await world.patch(deployments, 'app', body)
  const isPatched = ({ metadata, spec }: Deployment) =>
    metadata.labels?.patched === 'yes' &&
    spec?.replicas === 1 &&
    spec.template?.spec?.containers[0]?.image === second
  await world.hears(heard, 'patched', ({ object }) => isPatched(object))
  await world.hears(heard, 'one ready, patched', ({ object }) => {
    return isPatched(object) && isComplete(object) && isReady(object, 1)
  })
  const { items } = await world.api.list(deployments, {}, { labelSelector: selector })
  equal(items.map(nameOf), ['app'])

  await world.replace(deployments, 'app', (found) => ({
    ...found,
    metadata: { ...found.metadata, annotations: { ...found.metadata.annotations, put: 'yes' } },
    ...(found.spec && { spec: { ...found.spec, replicas: 2 } }),
  }))
  await world.hears(heard, 'two ready again', ({ object }) => {
    return object.metadata.annotations?.put === 'yes' && isReady(object, 2)
  })
  await patchesStatus(world)
  await world.api.deleteCollection(
    deployments,
    { namespace: world.namespace },
    { labelSelector: selector, gracePeriodSeconds: 1 },
  )
  await world.hears(heard, 'DELETED', ({ type }) => type === 'DELETED')
}

/** A status is the controller's: what somebody else writes there is put right again. */
async function patchesStatus(world: World): Promise<void> {
  const read = await world.get(deployments, 'app', 'status')
  equal(read.status?.readyReplicas, 2)
  const patched = await world.merge(
    deployments,
    'app',
    {
      metadata: { annotations: { noted: 'here' } },
      status: { readyReplicas: 0, availableReplicas: 0 },
    },
    'status',
  )
  equal(patched.status?.readyReplicas ?? 0, 0)
  await world.until('the controller counts again', async () => {
    return (await world.get(deployments, 'app')).status?.readyReplicas === 2
  })
}

async function scales(world: World): Promise<void> {
  await world.create(deploymentOf({ name: 'app', image: world.images.first }, { replicas: 1 }))
  await complete(world, 'app')
  await scaleSubresource(world, deployments, 'app')
}

async function validatesStatus(world: World): Promise<void> {
  await world.create(deploymentOf({ name: 'app', image: world.images.first }, { replicas: 1 }))
  await complete(world, 'app')
  await statusEndpoints(world, deployments, 'app')
}

/** What is done to the Deployment in one round; the same rounds in every run. */
const rounds: readonly ((world: World, round: number) => Promise<unknown>)[] = [
  (world, round) =>
    world.patch(deployments, 'app', {
      spec: {
        template: {
          spec: { containers: [{ name: 'app', env: [{ name: 'ROUND', value: `${round}` }] }] },
        },
      },
    }),
  (world) =>
    world.patch(deployments, 'app', {
      metadata: { annotations: { 'deprecated.deployment.rollback.to': '0' } },
    }),
  async (world, round) => {
    const { spec } = await world.get(deployments, 'app')
    const replicas = Math.max(1, (spec?.replicas ?? 1) + (round % 3) - 1)
    return world.patch(deployments, 'app', { spec: { replicas } })
  },
  async (world) => {
    const { spec } = await world.get(deployments, 'app')
    return world.patch(deployments, 'app', { spec: { paused: !spec?.paused } })
  },
  async (world) => {
    const [first, second] = await world.list(pods)
    for (const pod of [first, second]) {
      if (pod) await world.gone(() => world.delete(pods, nameOf(pod), { gracePeriodSeconds: 0 }))
    }
  },
]

async function iterates(world: World): Promise<void> {
  const described = { name: 'app', image: world.images.first }
  const spec = { replicas: 6, revisionHistoryLimit: 2, progressDeadlineSeconds: 30 }
  await world.create(deploymentOf(described, spec))
  for (let round = 0; round < 20; round++) {
    // An order that repeats no pair of actions soon.
    await rounds[(round * round + round) % rounds.length === 0 ? round % 4 : (round * 3) % 5]?.(
      world,
      round,
    )
    // Some rounds meet a rollout that is under way, others one that has ended.
    if (round % 4 === 3) await observed(world)
  }
  await world.patch(deployments, 'app', { spec: { paused: false } })
  const deployment = await complete(world, 'app')
  const progressing = deployment.status?.conditions?.find(({ type }) => type === 'Progressing')
  equal([progressing?.status, progressing?.reason], ['True', 'NewReplicaSetAvailable'])
  await world.until('the history is cut to two', async () => {
    const owned = await ownedReplicaSets(world, await world.get(deployments, 'app'))
    return owned.length <= 3 && new Set(owned.map(revisionOf)).size === owned.length
  })
}

async function observed(world: World): Promise<void> {
  await world.until('the controller has seen the last change', async () => {
    const { metadata, status } = await world.get(deployments, 'app')
    return (status?.observedGeneration ?? 0) >= Number(metadata.generation)
  })
}

export const deploymentApiBodies = suite('Deployment', {
  'I-06 should have a working scale subresource': scales,
  'I-07 should run the lifecycle of a Deployment': runsLifecycle,
  'I-08 should validate Deployment Status endpoints': validatesStatus,
  'I-11 iterative rollouts should eventually progress': iterates,
})
