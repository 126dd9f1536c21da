import { describe, expect, test } from 'vitest'
import {
  condition,
  givenDeployment,
  givenReplicaSet,
  recreate,
  rolling,
  t0,
} from '../../test/rollout/given.ts'
import { observeDeployment } from './observed-deployment.ts'
import { countedStatus, rolloutStatus } from './status.ts'

const now = '2026-01-01T00:00:00Z'
const oldOne = givenReplicaSet('old', { image: 'app:old', replicas: 2, pods: 3, available: 2 })
const newOne = givenReplicaSet('new', { replicas: 2, pods: 1, available: 0 })

describe('B-51: the counts', () => {
  test('are sums over the ReplicaSets; zeros are left out', () => {
    const deployment = givenDeployment({ generation: 7, status: { collisionCount: 2 } })
    expect(countedStatus(observeDeployment(deployment, [oldOne, newOne]), t0)).toMatchObject({
      observedGeneration: 7,
      replicas: 4,
      updatedReplicas: 1,
      readyReplicas: 2,
      availableReplicas: 2,
      unavailableReplicas: 2,
      collisionCount: 2,
    })
    const idle = givenReplicaSet('new')
    const nothing = countedStatus(observeDeployment(givenDeployment({ replicas: 0 }), [idle]), t0)
    expect(Object.keys(nothing).sort()).toEqual(['conditions', 'observedGeneration'])
  })

  test('more available than wanted are not negative unavailable ones', () => {
    const shrinking = givenReplicaSet('new', { replicas: 1, pods: 3 })
    const status = countedStatus(observeDeployment(givenDeployment(), [shrinking]), t0)
    expect(status.unavailableReplicas).toBeUndefined()
  })

  test('V-08: terminatingReplicas is a sum, and absent while one ReplicaSet does not tell', () => {
    const three = givenReplicaSet('new', { status: { terminatingReplicas: 3 } })
    const none = givenReplicaSet('old', { image: 'app:old', status: { terminatingReplicas: 0 } })
    const count = (...owned: readonly (typeof three)[]) =>
      countedStatus(observeDeployment(givenDeployment(), owned), t0).terminatingReplicas
    expect(count(three, none)).toBe(3)
    expect(count(none)).toBe(0)
    expect(count(three, oldOne)).toBeUndefined()
  })
})

describe('B-52: the Available condition', () => {
  test.each([
    ['the minimum', { replicas: 4, ...rolling(1, 1) }, 3, true],
    ['one less', { replicas: 4, ...rolling(1, 1) }, 2, false],
    ['Recreate needs all', { replicas: 4, ...recreate }, 3, false],
    ['no replicas', { replicas: 0 }, 0, true],
  ])('%s', (_, given, available, isAvailable) => {
    const replicaSet = givenReplicaSet('new', { replicas: 4, available })
    const { conditions } = countedStatus(
      observeDeployment(givenDeployment(given), [replicaSet]),
      t0,
    )
    expect(conditions).toEqual([
      {
        type: 'Available',
        status: isAvailable ? 'True' : 'False',
        reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
        message: isAvailable
          ? 'Deployment has minimum availability.'
          : 'Deployment does not have minimum availability.',
        lastUpdateTime: now,
        lastTransitionTime: now,
      },
    ])
  })
})

describe('B-57: ReplicaFailure', () => {
  const failure = (message: string) => ({
    status: {
      conditions: [
        {
          type: 'ReplicaFailure',
          status: 'True',
          reason: 'FailedCreate',
          message,
          lastTransitionTime: now,
        },
      ],
    },
  })
  const oldFailing = givenReplicaSet('old', { image: 'app:old', ...failure('quota of old') })

  test("is the new ReplicaSet's, else the first of another", () => {
    const newFailing = givenReplicaSet('new', failure('quota of new'))
    const message = (...owned: readonly (typeof oldOne)[]) =>
      rolloutStatus(observeDeployment(givenDeployment(), owned), t0).conditions.find(
        ({ type }) => type === 'ReplicaFailure',
      )?.message
    expect(message(oldFailing, newFailing)).toBe('quota of new')
    expect(message(oldFailing, newOne)).toBe('quota of old')
  })

  test('goes when no ReplicaSet has it', () => {
    const conditions = [condition('ReplicaFailure', 'True')]
    const deployment = givenDeployment({ status: { conditions } })
    const status = rolloutStatus(observeDeployment(deployment, [newOne]), t0)
    expect(status.conditions.map(({ type }) => type)).not.toContain('ReplicaFailure')
  })
})

describe('B-58: the order of conditions', () => {
  const conditions = [
    condition('Available', 'True', { reason: 'MinimumReplicasAvailable' }),
    condition('Progressing', 'True', { reason: 'ReplicaSetUpdated' }),
    condition('Custom', 'True'),
  ]

  test('one that changes moves to the end, the others stay as they are', () => {
    const deployment = givenDeployment({ status: { conditions } })
    const down = givenReplicaSet('new', { replicas: 3, available: 0 })
    const status = countedStatus(observeDeployment(deployment, [down]), t0)
    expect(status.conditions.map(({ type }) => type)).toEqual([
      'Progressing',
      'Custom',
      'Available',
    ])
    expect(status.conditions[0]).toBe(conditions[1])
  })

  test('one that stays keeps its place and its times', () => {
    const deployment = givenDeployment({ status: { conditions } })
    const up = givenReplicaSet('new', { replicas: 3 })
    expect(countedStatus(observeDeployment(deployment, [up]), t0 + 9000).conditions).toBe(
      conditions,
    )
  })
})
