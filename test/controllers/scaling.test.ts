import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Scale } from '../../src/api/generated/types.ts'
import { deployments } from '../../src/api/scheme.ts'
import { specReplicas } from '../../src/rollout/sizes.ts'
import { GivenCluster } from './given-cluster.ts'
import { givenDeployment, rolling } from './given-objects.ts'

let cluster: GivenCluster
beforeEach(async () => {
  cluster = await GivenCluster.start({ badImages: ['app:bad'] })
})
afterEach(() => cluster.stop())

const key = { namespace: 'default', name: 'app' }
const size = async (image: string) => specReplicas(await cluster.replicaSetOf(image))

test('B-46, I-05: a stuck rollout is scaled in proportion: 8 + 5, then 20 + 13', async () => {
  await cluster.create(givenDeployment({ replicas: 10, ...rolling(3, 2) }))
  await cluster.rolledOut()
  await cluster.setImage('app:bad')
  await cluster.pass(5000)
  expect([await size('app:1'), await size('app:bad')]).toEqual([8, 5])
  await cluster.change({ spec: { replicas: 30 } })
  await cluster.pass(5000)
  expect([await size('app:1'), await size('app:bad')]).toEqual([20, 13])
})

test('I-06: the scale subresource', async () => {
  await cluster.create(givenDeployment({ replicas: 1 }))
  await cluster.rolledOut()
  const scale = (await cluster.transport.get(deployments, key, 'scale')) as unknown as Scale
  expect(scale.spec?.replicas).toBe(1)
  const two: Scale = { ...scale, spec: { replicas: 2 } }
  await cluster.transport.update(deployments, key, two as never, { subresource: 'scale' })
  expect((await cluster.rolledOut()).status?.replicas).toBe(2)
  const patch = { type: 'application/merge-patch+json', body: { spec: { replicas: 4 } } } as const
  await cluster.transport.patch(deployments, key, patch, { subresource: 'scale' })
  expect((await cluster.rolledOut()).status?.replicas).toBe(4)
  expect(await cluster.replicaSets()).toHaveLength(1)
})

describe('B-03: while paused', () => {
  test('B-48: it scales, but a new template waits for the resume', async () => {
    await cluster.create(givenDeployment())
    await cluster.rolledOut()
    await cluster.change({ spec: { paused: true } })
    await cluster.setImage('app:2')
    await cluster.change({ spec: { replicas: 5 } })
    await cluster.pass(5000)
    expect(await cluster.replicaSets()).toHaveLength(1)
    expect(await size('app:1')).toBe(5)
    await cluster.change({ spec: { paused: null } })
    await cluster.rolledOut()
    expect([await size('app:1'), await size('app:2')]).toEqual([0, 5])
  })
})

describe('C-0E: a ReplicaSet scaled by hand', () => {
  test('the new one is put back', async () => {
    await cluster.create(givenDeployment())
    await cluster.rolledOut()
    const { name = '' } = (await cluster.replicaSetOf('app:1')).metadata
    await cluster.changeReplicaSet(name, { spec: { replicas: 7 } })
    await cluster.pass(5000)
    expect(await size('app:1')).toBe(3)
    await cluster.changeReplicaSet(name, { spec: { replicas: 0 } })
    await cluster.pass(5000)
    expect(await size('app:1')).toBe(3)
  })

  test('an old one is drained', async () => {
    await cluster.create(givenDeployment())
    await cluster.rolledOut()
    await cluster.setImage('app:2')
    await cluster.rolledOut()
    const { name = '' } = (await cluster.replicaSetOf('app:1')).metadata
    await cluster.changeReplicaSet(name, { spec: { replicas: 2 } })
    await cluster.pass(5000)
    expect([await size('app:1'), await size('app:2')]).toEqual([0, 3])
  })

  test('B-41: one that a hand has scaled to the coming size does not block later rollouts', async () => {
    await cluster.create(givenDeployment())
    await cluster.rolledOut()
    const { name = '' } = (await cluster.replicaSetOf('app:1')).metadata
    await cluster.change({ spec: { paused: true } })
    await cluster.pass(1000)
    await cluster.changeReplicaSet(name, { spec: { replicas: 5 } })
    await cluster.change({ spec: { replicas: 5, paused: null } })
    await cluster.setImage('app:2')
    await cluster.rolledOut('app', 60_000)
    expect([await size('app:1'), await size('app:2')]).toEqual([0, 5])
  })
})
