import { describe, expect, test } from 'vitest'
import { type GivenPod, givenPod, givenReplicaSet, t0 } from '../../test/rollout/given.ts'
import type { ReplicaSet } from '../api/generated/types.ts'
import { nextAvailabilityMs, replicaSetStatus } from './replica-set-status.ts'

const labels = { app: 'app', 'pod-template-hash': 'one' }

function observe(replicaSet: ReplicaSet, ...pods: readonly GivenPod[]) {
  return {
    replicaSet,
    activePods: pods.map((pod, i) => givenPod(`pod-${i}`, { labels, ...pod })),
    terminatingPods: [givenPod('going', { deleted: true })],
    relatedPods: [],
    canManage: true,
  }
}

function waiting(minReadySeconds: number): ReplicaSet {
  const { spec, ...rest } = givenReplicaSet('one', { replicas: 4, generation: 3 })
  return { ...rest, spec: { ...spec, minReadySeconds } as NonNullable<ReplicaSet['spec']> }
}

describe('C-09: the status', () => {
  const observed = observe(
    waiting(10),
    { readyFor: 10 },
    { readyFor: 7 },
    {},
    { readyFor: 100, labels: { app: 'app' } },
  )

  test('counts active, fully labelled, ready and available pods', () => {
    expect(replicaSetStatus(observed, t0)).toEqual({
      replicas: 4,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 2,
      terminatingReplicas: 1,
      observedGeneration: 3,
    })
  })

  test('B-59: available at readiness when minReadySeconds is 0', () => {
    expect(replicaSetStatus(observe(waiting(0), { readyFor: 0 }), t0).availableReplicas).toBe(1)
  })

  test('is looked at again when the next pod becomes available', () => {
    expect(nextAvailabilityMs(observed, t0)).toBe(3000)
    expect(nextAvailabilityMs(observe(waiting(10), { readyFor: 10 }), t0)).toBeUndefined()
  })
})

describe('C-0A: ReplicaFailure', () => {
  const failing = givenReplicaSet('one', { replicas: 2 })

  test.each([
    ['FailedCreate', 1],
    ['FailedDelete', 3],
  ])('%s with %i pods of 2', (reason, count) => {
    const pods = Array.from({ length: count }, () => ({}))
    expect(replicaSetStatus(observe(failing, ...pods), t0, 'quota').conditions).toEqual([
      {
        type: 'ReplicaFailure',
        status: 'True',
        reason,
        message: 'quota',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ])
  })

  test('keeps its first text, and goes with the first success', () => {
    const status = replicaSetStatus(observe(failing), t0, 'quota')
    const failed = { ...failing, status }
    const again = replicaSetStatus(observe(failed), t0 + 5000, 'another')
    expect(again.conditions).toBe(status.conditions)
    expect(replicaSetStatus(observe(failed), t0).conditions).toBeUndefined()
  })
})
