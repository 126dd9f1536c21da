import { expect, test } from 'vitest'
import { pods } from '../../src/api/scheme.ts'
import { isStatusError } from '../../src/api/status-error.ts'
import { type Prng, randomInt } from '../../src/base/prng.ts'
import { GivenCluster } from './given-cluster.ts'
import { givenDeployment } from './given-objects.ts'

/** One of the things that people do to a Deployment, as the upstream test draws them. */
async function act(cluster: GivenCluster, prng: Prng, step: number): Promise<string> {
  const choice = randomInt(prng, 100)
  if (choice < 20) {
    await cluster.setImage(`app:${step}`)
    return `image app:${step}`
  }
  if (choice < 40) {
    await cluster.change({
      metadata: { annotations: { 'deprecated.deployment.rollback.to': '0' } },
    })
    return 'rollback'
  }
  if (choice < 60) {
    const replicas = 1 + randomInt(prng, 8)
    await cluster.change({ spec: { replicas } })
    return `scale ${replicas}`
  }
  if (choice < 80) {
    const { spec } = await cluster.deployment()
    await cluster.change({ spec: { paused: spec?.paused ? null : true } })
    return 'pause or resume'
  }
  const live = await cluster.livePods()
  for (const { metadata } of live.filter(() => randomInt(prng, 3) === 0)) {
    const key = { namespace: 'default', name: metadata.name ?? '' }
    await cluster.transport.delete(pods, key).catch((error) => {
      if (!isStatusError(error, 'NotFound')) throw error
    })
  }
  return 'delete pods'
}

test.each(Array.from({ length: 20 }, (_, i) => i + 1))(
  'I-11: 20 random actions, resumed, complete at last (seed %i)',
  async (seed) => {
    const cluster = await GivenCluster.start({
      seed,
      readyMsMax: 1000,
      endMsMax: 1000,
      requestDelayMsMax: 10,
      watchDelayMsMax: seed % 2 ? 500 : 0,
    })
    const done: string[] = []
    try {
      await cluster.create(
        givenDeployment({ replicas: 6, revisionHistoryLimit: 2, progressDeadlineSeconds: 30 }),
      )
      for (let step = 0; step < 20; step++) {
        done.push(await act(cluster, cluster.prng, step))
        await cluster.pass(randomInt(cluster.prng, 3000))
      }
      await cluster.change({ spec: { paused: null } })
      await cluster.rolledOut('app', 600_000)
      // A rollout is done when enough run the new template: surplus pods of it may still go (G-36).
      await cluster.until('as many as wanted', async () => {
        const { spec, status } = await cluster.deployment()
        return status?.availableReplicas === spec?.replicas
      })
      await cluster.pass(5000)
      const { status: last } = await cluster.deployment()
      expect(last?.conditions).toContainEqual(
        expect.objectContaining({ type: 'Progressing', reason: 'NewReplicaSetAvailable' }),
      )
      expect((await cluster.replicaSets()).length).toBeLessThanOrEqual(3)
    } catch (error) {
      throw new Error(`seed ${seed}, after ${done.join(', ')}: ${error}`, { cause: error })
    } finally {
      await cluster.stop()
    }
  },
)
