import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DeploymentCondition } from '../../src/api/generated/types.ts'
import { deployments } from '../../src/api/scheme.ts'
import { reportRollout } from '../../src/rollout/rollout-status.ts'
import { specReplicas } from '../../src/rollout/sizes.ts'
import { GivenCluster } from './given-cluster.ts'
import { givenDeployment, givenReplicaSet, rolling } from './given-objects.ts'

let cluster: GivenCluster
beforeEach(async () => {
  cluster = await GivenCluster.start({ readyMsMax: 500, badImages: ['app:bad'] })
})
afterEach(() => cluster.stop())

async function progressing(): Promise<DeploymentCondition | undefined> {
  const { status } = await cluster.deployment()
  return status?.conditions?.find(({ type }) => type === 'Progressing')
}

test('B-55, S-07: a bad version is never taken back by itself; it times out, and a good one goes on', async () => {
  await cluster.create(givenDeployment({ progressDeadlineSeconds: 30 }))
  await cluster.rolledOut()
  await cluster.setImage('app:bad')
  await cluster.pass(29_000)
  expect(await progressing()).toMatchObject({ reason: 'ReplicaSetUpdated' })
  // Nothing happens any more: the deadline itself must bring the Deployment back.
  await cluster.pass(4000)
  expect(await progressing()).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' })
  expect(reportRollout(await cluster.deployment())).toEqual({
    outcome: 'failed',
    message: 'deployment "app" exceeded its progress deadline',
  })
  await cluster.pass(600_000)
  expect((await cluster.replicaSetOf('app:bad')).spec?.replicas).toBe(1)
  expect((await cluster.replicaSetOf('app:1')).status?.availableReplicas).toBe(3)
  await cluster.undo()
  await cluster.rolledOut()
  expect(await progressing()).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' })
})

test('B-60: pause and resume are seen in the condition, and paused time does not count', async () => {
  const reasons: (string | undefined)[] = []
  await cluster.create(givenDeployment({ progressDeadlineSeconds: 30 }))
  await cluster.rolledOut()
  cluster.watch(deployments, ({ status }) => {
    const reason = status?.conditions?.find(({ type }) => type === 'Progressing')?.reason
    if (reason !== reasons.at(-1)) reasons.push(reason)
  })
  await cluster.setImage('app:bad')
  await cluster.pass(5000)
  await cluster.change({ spec: { paused: true } })
  await cluster.pass(100_000)
  expect(await progressing()).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' })
  await cluster.change({ spec: { paused: null } })
  await cluster.pass(25_000)
  expect(await progressing()).toMatchObject({ status: 'Unknown', reason: 'DeploymentResumed' })
  await cluster.pass(10_000)
  expect(reasons.slice(-3)).toEqual([
    'DeploymentPaused',
    'DeploymentResumed',
    'ProgressDeadlineExceeded',
  ])
})

test('B-59: with minReadySeconds a pod is available that long after it was ready', async () => {
  await cluster.create(givenDeployment({ minReadySeconds: 10 }))
  await cluster.until('ready', async () => (await cluster.deployment()).status?.readyReplicas === 3)
  const readyMs = cluster.api.clock.now()
  const done = await cluster.rolledOut()
  expect(done.status?.availableReplicas).toBe(3)
  expect(cluster.api.clock.now() - readyMs).toBeGreaterThan(8000)
  expect(cluster.api.clock.now() - readyMs).toBeLessThanOrEqual(10_000)
})

test('I-04: rollover out of a stuck rollout', async () => {
  await cluster.create(givenReplicaSet({ name: 'test-rollover-controller' }))
  await cluster.pass(2000)
  const spec = { replicas: 1, minReadySeconds: 10, ...rolling(1, 0) }
  await cluster.create(givenDeployment({ image: 'app:bad', ...spec }))
  await cluster.pass(20_000)
  const stuck = await cluster.deployment()
  expect(stuck.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '1' })
  expect(stuck.status?.availableReplicas).toBe(1)
  await cluster.setImage('app:2')
  const done = await cluster.rolledOut()
  expect(done.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '2' })
  expect(done.status?.observedGeneration).toBe(done.metadata.generation)
  const sizes = (await cluster.replicaSets()).map(specReplicas)
  expect(sizes.sort()).toEqual([0, 0, 1])
})

test('a Deployment at rest is not written again', async () => {
  await cluster.create(givenDeployment())
  await cluster.rolledOut()
  await cluster.pass(5000)
  const { resourceVersion } = (await cluster.deployment()).metadata
  await cluster.pass(3_600_000)
  expect((await cluster.deployment()).metadata.resourceVersion).toBe(resourceVersion)
})
