import { describe, expect, test } from 'vitest'
import {
  type GivenDeployment,
  type GivenReplicaSet,
  givenDeployment,
  givenReplicaSet,
  recreate,
  rolling,
} from '../../test/rollout/given.ts'
import { required } from '../base/assert.ts'
import { observeDeployment } from './observed-deployment.ts'
import { nextNewReplicas, rollingActions } from './rolling.ts'

/** The new sizes of one step, as `name from->to`. */
function step(
  given: GivenDeployment,
  newOne: GivenReplicaSet,
  ...old: readonly GivenReplicaSet[]
): readonly string[] {
  const replicaSets = [
    givenReplicaSet('new', { image: 'app:new', created: 99, ...newOne }),
    ...old.map((each, i) => givenReplicaSet(`old${i}`, { image: `app:${i}`, created: i, ...each })),
  ]
  const observed = observeDeployment(givenDeployment({ image: 'app:new', ...given }), replicaSets)
  const newReplicaSet = required(observed.newReplicaSet, 'new ReplicaSet')
  return rollingActions({ ...observed, newReplicaSet }).map((action) =>
    action.type === 'scaleReplicaSet'
      ? `${action.replicaSet.metadata.name} ${action.from}->${action.to}`
      : action.type,
  )
}

describe('B-32: the new ReplicaSet', () => {
  test('of the wanted size stays', () => {
    expect(step({ replicas: 3 }, { replicas: 3 })).toEqual([])
  })

  test('that is larger shrinks at once', () => {
    expect(step({ replicas: 3 }, { replicas: 5 }, { replicas: 1 })).toEqual(['app-new 5->3'])
  })
})

describe('B-33: growth up to maxTotal', () => {
  test.each([
    // replicas, spec, sizes: new, old..., expected
    [10, rolling(3, 2), 0, [10], 3],
    [10, rolling(3, 2), 5, [8], 5],
    [10, rolling(3, 2), 5, [9], 5],
    [10, rolling(3, 2), 5, [0], 10],
    [10, rolling('50%', 0), 2, [5, 5], 5],
    [3, recreate, 0, [3], 3],
  ])('%i replicas, %j: new %i, old %j -> %i', (replicas, spec, size, oldSizes, expected) => {
    const deployment = givenDeployment({ replicas, ...spec })
    const newOne = givenReplicaSet('new', { replicas: size })
    const old = oldSizes.map((each, i) => givenReplicaSet(`old${i}`, { replicas: each }))
    expect(nextNewReplicas(deployment, newOne, [...old, newOne])).toBe(expected)
  })
})

describe('B-34: what old ReplicaSets may lose', () => {
  test('nothing when they want nothing', () => {
    expect(step({ replicas: 3 }, { replicas: 3, available: 3 }, { replicas: 0 })).toEqual([])
  })

  test('nothing while the new pods are what keeps the minimum', () => {
    // Σ 4 - minAvailable 3 - 1 new and not available = 0
    expect(step({ replicas: 3 }, { replicas: 1, available: 0 }, { replicas: 3 })).toEqual([])
  })

  test('one for each new pod that is available', () => {
    expect(step({ replicas: 3 }, { replicas: 1, available: 1 }, { replicas: 3 })).toEqual([
      'app-old0 3->2',
    ])
  })
})

describe('B-35: pods that are not available go first', () => {
  test('of the oldest first, within the budget', () => {
    // Σ 13, minAvailable 8, none of 3 new available: budget 2
    const old = [
      { replicas: 5, available: 4 },
      { replicas: 5, available: 0 },
    ]
    expect(step({ replicas: 10, ...rolling(3, 2) }, { replicas: 3, available: 0 }, ...old)).toEqual(
      ['app-old0 5->4', 'app-old1 5->4'],
    )
  })

  test('even when too few are available to remove any', () => {
    expect(
      step({ replicas: 3 }, { replicas: 1, available: 1 }, { replicas: 3, available: 0 }),
    ).toEqual(['app-old0 3->2'])
  })
})

describe('B-36: then available pods above the minimum', () => {
  test('the oldest ReplicaSet first', () => {
    const old = [{ replicas: 2 }, { replicas: 4 }]
    expect(step({ replicas: 6, ...rolling(2, 0) }, { replicas: 2 }, ...old)).toEqual([
      'app-old0 2->0',
    ])
    expect(step({ replicas: 6, ...rolling(3, 0) }, { replicas: 3 }, ...old)).toEqual([
      'app-old0 2->0',
      'app-old1 4->3',
    ])
  })

  test('after the clean-up, in a second write to the same ReplicaSet', () => {
    const old = { replicas: 5, available: 4 }
    expect(step({ replicas: 5, ...rolling(2, 0) }, { replicas: 2, available: 2 }, old)).toEqual([
      'app-old0 5->4',
      'app-old0 4->3',
    ])
  })
})

describe('B-37: an old ReplicaSet whose status is stale', () => {
  test('stops the step where it stands, without an error', () => {
    // old1 claims 3 available of 2 wanted: its controller has not caught up
    const old = [
      { replicas: 2, available: 1 },
      { replicas: 2, pods: 3, available: 3 },
      { replicas: 2, available: 0 },
    ]
    expect(step({ replicas: 6, ...rolling(3, 3) }, { replicas: 3 }, ...old)).toEqual([
      'app-old0 2->1',
    ])
  })
})
