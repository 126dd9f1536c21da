import { describe, expect, test } from 'vitest'
import { givenDeployment, recreate, rolling } from '../../test/rollout/given.ts'
import { rolloutLimits } from './rollout-limits.ts'

describe('B-30: maxSurge and maxUnavailable', () => {
  test.each([
    [1, 1, 0],
    [2, 1, 0],
    [3, 1, 0],
    [4, 1, 1],
    [5, 2, 1],
    [10, 3, 2],
  ])('25 %% of %i: surge %i, unavailable %i', (replicas, maxSurge, maxUnavailable) => {
    expect(rolloutLimits(givenDeployment({ replicas }))).toEqual({
      replicas,
      maxSurge,
      maxUnavailable,
      maxTotal: replicas + maxSurge,
      minAvailable: replicas - maxUnavailable,
    })
  })

  test.each([
    ['both resolve to 0', 10, rolling('0%', '9%'), { maxSurge: 0, maxUnavailable: 1 }],
    ['capped at replicas', 2, rolling(1, 5), { maxSurge: 1, maxUnavailable: 2 }],
    ['no replicas', 0, rolling(2, 2), { maxSurge: 2, maxUnavailable: 0 }],
    ['Recreate', 10, recreate, { maxSurge: 0, maxUnavailable: 0 }],
  ])('%s', (_, replicas, spec, expected) => {
    expect(rolloutLimits(givenDeployment({ replicas, ...spec }))).toMatchObject(expected)
  })
})
