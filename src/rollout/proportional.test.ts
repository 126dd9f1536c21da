import { describe, expect, test } from 'vitest'
import {
  type GivenDeployment,
  type GivenReplicaSet,
  givenDeployment,
  givenReplicaSet,
  recreate,
  rolling,
  sized,
} from '../../test/rollout/given.ts'
import { observeDeployment } from './observed-deployment.ts'
import { isScalingEvent, proportionalSizes, scalingActions } from './proportional.ts'

function observe(given: GivenDeployment, ...replicaSets: readonly GivenReplicaSet[]) {
  const owned = replicaSets.map((each, i) =>
    givenReplicaSet(`rs${i}`, { image: `app:${i}`, created: i, ...each }),
  )
  return observeDeployment(givenDeployment(given), owned)
}

/** The last ReplicaSet has the Deployment's template. */
function scaled(given: GivenDeployment, ...replicaSets: readonly GivenReplicaSet[]) {
  const image = `app:${replicaSets.length - 1}`
  return scalingActions(observe({ image, ...given }, ...replicaSets))?.map((action) =>
    action.type === 'scaleReplicaSet'
      ? `${action.replicaSet.metadata.name} ${action.from}->${action.to}`
      : action.type,
  )
}

function sizes(given: GivenDeployment, ...replicaSets: readonly GivenReplicaSet[]) {
  const { deployment, activeReplicaSets } = observe(given, ...replicaSets)
  const entries = proportionalSizes(deployment, activeReplicaSets).map(
    ({ replicaSet, size }) => [replicaSet.metadata.name, size] as const,
  )
  return Object.fromEntries(entries) as Record<string, number>
}

describe('B-40: what a scaling event is', () => {
  test.each([
    ['an active one scaled for another size', { replicas: 2, annotations: sized(2, 3) }, true],
    ['scaled for this size', { replicas: 2, annotations: sized(3, 4) }, false],
    ['not active', { replicas: 0, annotations: sized(2, 3) }, false],
    ['never annotated', { replicas: 2 }, false],
  ])('%s: %j -> %s', (_, replicaSet, expected) => {
    expect(isScalingEvent(observe({ replicas: 3 }, replicaSet))).toBe(expected)
  })
})

describe('B-41: at most one active ReplicaSet', () => {
  test('is scaled to the full size, be it old or new', () => {
    expect(scaled({ replicas: 5 }, { replicas: 0 }, { replicas: 3 })).toEqual(['app-rs1 3->5'])
    expect(scaled({ replicas: 5 }, { replicas: 3 }, { replicas: 0 })).toEqual(['app-rs0 3->5'])
  })

  test('none active: the new one, else the newest old one', () => {
    expect(scaled({ replicas: 5 }, {}, {})).toEqual(['app-rs1 0->5'])
    expect(scaled({ replicas: 5, image: 'app:unknown' }, {}, {})).toEqual(['app-rs1 0->5'])
    expect(scalingActions(observe({ replicas: 5 }))).toEqual([])
  })

  test('one that a hand has scaled already gets the annotations, or every later pass would be a scaling event', () => {
    expect(scaled({ replicas: 5 }, { replicas: 5, annotations: sized(3, 4) })).toEqual([
      'updateReplicaSet',
    ])
  })
})

describe('B-42: a saturated new ReplicaSet', () => {
  test('drains the old ones', () => {
    const saturated = { replicas: 3, annotations: sized(3, 4) }
    expect(scaled({ replicas: 3 }, { replicas: 2 }, { replicas: 1 }, saturated)).toEqual([
      'app-rs0 2->0',
      'app-rs1 1->0',
    ])
  })

  test.each([
    ['spec', { replicas: 2, annotations: sized(3, 4) }],
    ['annotation', { replicas: 3, annotations: sized(2, 4) }],
    ['available', { replicas: 3, available: 2, annotations: sized(3, 4) }],
  ])('is not saturated by its %s', (_, almost) => {
    const actions = scaled({ replicas: 3 }, { replicas: 1, annotations: sized(3, 4) }, almost)
    expect(actions).not.toContain('app-rs0 1->0')
  })
})

describe('B-43: proportional scaling', () => {
  const surge = rolling(2, 0)

  test('a leftover goes to the larger one; of equals, to the newer when adding', () => {
    const pair = [5, 5].map((replicas) => ({ replicas, annotations: sized(8, 10) }))
    expect(sizes({ replicas: 9, ...surge }, ...pair)).toEqual({ 'app-rs0': 5, 'app-rs1': 6 })
  })

  test('and to the older when removing', () => {
    const pair = [5, 5].map((replicas) => ({ replicas, annotations: sized(8, 10) }))
    expect(sizes({ replicas: 7, ...surge }, ...pair)).toEqual({ 'app-rs0': 4, 'app-rs1': 5 })
  })

  test('B-45: nothing to add: only annotations are renewed', () => {
    const pair = [5, 5].map((replicas) => ({ replicas, annotations: sized(9, 10) }))
    expect(scaled({ replicas: 8, ...surge }, ...pair)).toEqual([
      'updateReplicaSet',
      'updateReplicaSet',
    ])
  })

  test('B-45: a size never falls below 0', () => {
    const stale = { annotations: sized(100, 100) }
    const result = sizes(
      { replicas: 1, ...rolling(1, 0) },
      { replicas: 2, ...stale },
      { replicas: 1, ...stale },
    )
    expect(Math.min(...Object.values(result))).toBeGreaterThanOrEqual(0)
  })
})

describe('B-44: the share of one ReplicaSet', () => {
  test('to 0: all that it has', () => {
    const pair = [8, 5].map((replicas) => ({ replicas, annotations: sized(10, 13) }))
    expect(sizes({ replicas: 0, ...rolling(3, 2) }, ...pair)).toEqual({
      'app-rs0': 0,
      'app-rs1': 0,
    })
  })

  test('without its annotation it is estimated from status.replicas', () => {
    const given = { replicas: 20, ...rolling(0, 1) }
    const status = { replicas: 10 }
    expect(sizes({ ...given, status }, { replicas: 6 }, { replicas: 4 })).toEqual({
      'app-rs0': 12,
      'app-rs1': 8,
    })
    // Nothing known: no share, and the leftover goes to the largest.
    expect(sizes(given, { replicas: 6 }, { replicas: 4 })).toEqual({ 'app-rs0': 16, 'app-rs1': 4 })
  })

  test('rounds half away from zero', () => {
    const pair = [5, 5].map((replicas) => ({ replicas, annotations: sized(10, 10) }))
    // 5 * 11 / 10 = 5.5 -> 6; what is left for the second is 0
    expect(sizes({ replicas: 11, ...rolling(0, 1) }, ...pair)).toEqual({
      'app-rs0': 5,
      'app-rs1': 6,
    })
  })
})

test('B-46: the worked example, 8 + 5 of 10 scaled to 30, then to 5', () => {
  const given = rolling(3, 2)
  const stuck = [8, 5].map((replicas) => ({ replicas, annotations: sized(10, 13) }))
  expect(sizes({ replicas: 30, ...given }, ...stuck)).toEqual({ 'app-rs0': 20, 'app-rs1': 13 })
  const grown = [20, 13].map((replicas) => ({ replicas, annotations: sized(30, 33) }))
  expect(sizes({ replicas: 5, ...given }, ...grown)).toEqual({ 'app-rs0': 5, 'app-rs1': 3 })
})

test('B-47: Recreate with several active ReplicaSets is not scaled proportionally', () => {
  const pair = [5, 5].map((replicas) => ({ replicas, annotations: sized(5, 5) }))
  expect(scaled({ replicas: 20, ...recreate }, ...pair)).toBeUndefined()
})
