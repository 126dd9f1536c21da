import { describe, expect, test } from 'vitest'
import { type GivenPod, givenPod, givenReplicaSet, t0 } from '../../test/rollout/given.ts'
import { type ObservedReplicaSet, planReplicaSet } from './plan-replica-set.ts'

function observe(
  replicas: number,
  pods: readonly GivenPod[],
  more: Partial<ObservedReplicaSet> = {},
) {
  return {
    replicaSet: givenReplicaSet('one', { replicas }),
    activePods: pods.map((pod, i) => givenPod(`pod-${i}`, pod)),
    terminatingPods: [],
    relatedPods: [],
    canManage: true,
    ...more,
  }
}

function times(count: number): readonly GivenPod[] {
  return Array.from({ length: count }, () => ({ readyFor: 1 }))
}

describe('C-05: how many pods are made or deleted', () => {
  test.each([
    [3, 3, { type: 'nothing' }],
    [5, 4, { type: 'create', count: 1 }],
    [1000, 0, { type: 'create', count: 500 }],
  ])('wants %i, has %i: %j', (replicas, count, expected) => {
    expect(planReplicaSet(observe(replicas, times(count)), t0)).toEqual(expected)
  })

  test.each([
    [4, 5, 1],
    [0, 3, 3],
    [100, 700, 500],
  ])('wants %i, has %i: deletes %i', (replicas, count, deleted) => {
    const plan = planReplicaSet(observe(replicas, times(count)), t0)
    expect(plan.type === 'delete' && plan.pods.length).toBe(deleted)
  })
})

describe('when nothing may be done', () => {
  test('C-07: writes are not yet seen', () => {
    expect(planReplicaSet(observe(3, [], { canManage: false }), t0)).toEqual({ type: 'nothing' })
  })

  test('C-02: the ReplicaSet is being deleted', () => {
    const { metadata, ...rest } = givenReplicaSet('one', { replicas: 3 })
    const replicaSet = { ...rest, metadata: { ...metadata, deletionTimestamp: 'now' } }
    expect(planReplicaSet(observe(3, [], { replicaSet }), t0)).toEqual({ type: 'nothing' })
  })
})

test('C-08: the pod that shares its node with active related pods is chosen', () => {
  const pods: readonly GivenPod[] = [
    { node: 'a', readyFor: 1 },
    { node: 'b', readyFor: 1e6 },
  ]
  const relatedPods = [
    givenPod('r1', { node: 'b' }),
    givenPod('r2', { node: 'b' }),
    givenPod('r3', { node: 'a' }),
    givenPod('r4', { node: 'a', phase: 'Failed' }),
    givenPod('r5', { node: 'a', deleted: true }),
  ]
  const plan = planReplicaSet(observe(1, pods, { relatedPods }), t0)
  expect(plan.type === 'delete' && plan.pods.map(({ metadata }) => metadata.name)).toEqual([
    'pod-1',
  ])
})
