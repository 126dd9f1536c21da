import { describe, expect, test } from 'vitest'
import type { Pod, ReplicaSet } from '../src/api/generated/types.ts'
import { isTerminating, type KubeObject } from '../src/api/object.ts'
import { isPodReady } from '../src/api/pod-facts.ts'
import type { Resource } from '../src/api/resource.ts'
import { deployments, pods, replicaSets } from '../src/api/scheme.ts'
import { randomInt } from '../src/base/prng.ts'
import { reportRollout } from '../src/rollout/rollout-status.ts'
import { specReplicas, sum } from '../src/rollout/sizes.ts'
import { GivenCluster } from './controllers/given-cluster.ts'
import { givenDeployment } from './controllers/given-objects.ts'

/**
 * Three pods roll from 1 to 2, and an undo comes at the worst moments: when the rollout completes,
 * and in the middle of it. Pods take random times to start and to end, requests random times to be
 * answered; with `isLate` every watch event arrives up to three seconds late. A failing seed is
 * printed and repeats the run exactly.
 */

type Moment = 'completion' | 'middle'

/** Tells once, when the moment has come. */
function onMoment(cluster: GivenCluster, moment: Moment): Promise<void> {
  return new Promise((resolve) => {
    const { prng } = cluster
    const come = () => void cluster.api.clock.setTimeout(resolve, randomInt(prng, 3) * 10)
    if (moment === 'middle') {
      // Any of the writes that a rollout of three takes.
      let left = 1 + randomInt(prng, 40)
      const count = () => {
        if (left-- === 0) come()
      }
      const written: readonly Resource[] = [pods, replicaSets, deployments]
      for (const resource of written) cluster.watch(resource, count)
      return
    }
    const trigger = randomInt(prng, 3)
    cluster.watch(deployments, (deployment) => {
      const isSecond = deployment.metadata.generation === 2
      if (trigger === 0 && isSecond && reportRollout(deployment).outcome === 'done') come()
    })
    cluster.watch(replicaSets, (replicaSet) => {
      const isFirst = imageOf(replicaSet) === 'app:1'
      if (trigger === 1 && isFirst && specReplicas(replicaSet) === 0) come()
      const { availableReplicas } = replicaSet.status ?? {}
      if (trigger === 2 && !isFirst && availableReplicas === 3) come()
    })
  })
}

function imageOf({ spec }: ReplicaSet): string | undefined {
  return spec?.template?.spec?.containers[0]?.image
}

/** Keeps the present state of a resource by uid, from every write. */
function follow<T extends KubeObject>(
  cluster: GivenCluster,
  resource: Parameters<typeof cluster.watch<T>>[0],
  check: (all: readonly T[]) => void,
): void {
  const all = new Map<string, T>()
  cluster.watch(resource, (object) => {
    all.set(object.metadata.uid ?? '', object)
    check([...all.values()])
  })
}

async function undoAt(moment: Moment, seed: number, isLate: boolean): Promise<void> {
  const cluster = await GivenCluster.start({
    seed,
    readyMsMax: 2000,
    endMsMax: 2000,
    requestDelayMsMax: 20,
    watchDelayMsMax: isLate ? 3000 : 0,
  })
  const faults: string[] = []
  try {
    await cluster.create(givenDeployment({ image: 'app:1' }))
    await cluster.rolledOut()
    follow<ReplicaSet>(cluster, replicaSets, (all) => {
      const wanted = sum(all, specReplicas)
      if (wanted > 4) faults.push(`${wanted} pods wanted`)
    })
    follow<Pod>(cluster, pods, (all) => {
      const ready = all.filter((pod) => isPodReady(pod) && !isTerminating(pod)).length
      if (ready < 3 && all.length >= 3) faults.push(`${ready} pods ready`)
    })
    let isTime = false
    const time = onMoment(cluster, moment).then(() => {
      isTime = true
    })
    await cluster.setImage('app:2')
    await cluster.until('the moment', async () => isTime)
    await time
    await cluster.undo(1n)
    await expectUndone(cluster)
    expect(faults).toEqual([])
  } catch (error) {
    throw new Error(`seed ${seed}, ${moment}, late ${isLate}: ${error}`, { cause: error })
  } finally {
    await cluster.stop()
  }
}

/** Done within ten minutes, all of it, and then at rest. */
async function expectUndone(cluster: GivenCluster): Promise<void> {
  await cluster.rolledOut('app', 600_000)
  await cluster.pass(30_000)
  const deployment = await cluster.deployment()
  expect(reportRollout(deployment, 3n).outcome).toBe('done')
  expect(deployment.status).toMatchObject({ replicas: 3, updatedReplicas: 3, availableReplicas: 3 })
  expect(deployment.status?.conditions).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: 'Progressing', reason: 'NewReplicaSetAvailable' }),
      expect.objectContaining({ type: 'Available', status: 'True' }),
    ]),
  )
  const owned = await cluster.replicaSets()
  const sizes = owned.map((each) => [imageOf(each), specReplicas(each), each.status?.replicas])
  expect(sizes.sort()).toEqual([
    ['app:1', 3, 3],
    ['app:2', 0, 0],
  ])
  const live = await cluster.livePods()
  expect(live.map(({ spec }) => spec?.containers[0]?.image)).toEqual(['app:1', 'app:1', 'app:1'])
  await cluster.pass(60_000)
  expect((await cluster.deployment()).metadata.resourceVersion).toBe(
    deployment.metadata.resourceVersion,
  )
}

describe.each<Moment>(['completion', 'middle'])('undo at the %s of a rollout', (moment) => {
  test.each([
    ['watches in time', false],
    ['watches late', true],
  ])('100 interleavings, %s: none gets stuck', async (_, isLate) => {
    for (let seed = 1; seed <= Number(process.env.UNDO_SEEDS ?? 100); seed++) {
      await undoAt(moment, seed, isLate)
    }
  })
})
