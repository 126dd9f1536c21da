import { describe, expect, test } from 'vitest'
import type { ReplicaSet } from '../../api/generated/types.ts'
import { type RolloutRecord, rolloutFaults } from './rollout-record.ts'
import { scalingOf } from './scaling.ts'
import { emptyTally, type Tally } from './tally.ts'

function sized(replicas: number): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'app-x' },
    spec: { replicas },
  } as ReplicaSet
}

test.each([
  [undefined, 1, { replicaSet: 'app-x', from: 0, to: 1 }],
  [3, 2, { replicaSet: 'app-x', from: 3, to: 2 }],
  [2, 2, undefined],
  [undefined, 0, undefined],
])('a ReplicaSet of %o becomes one of %i', (before, after, scaling) => {
  expect(scalingOf(sized(after), before === undefined ? before : sized(before))).toEqual(scaling)
})

const sizes = [
  [0, 1],
  [3, 2],
  [1, 2],
  [2, 1],
  [2, 3],
  [1, 0],
] as const
const both: Tally = {
  ...emptyTally,
  byVersion: { '1.0.0': { answered: 9, failed: 0 }, '1.1.0': { answered: 9, failed: 0 } },
}
const good: RolloutRecord = {
  scalings: sizes.map(([from, to]) => ({ replicaSet: 'app-x', from, to })),
  endpointsMin: 3,
  podsMax: 4,
  traffic: both,
}
const versions = ['1.0.0', '1.1.0']

describe('S-04, B-39: three replicas, one at a time', () => {
  test('a rollout as it must be has no faults', () => {
    expect(rolloutFaults(good, versions)).toEqual([])
  })

  test.each<[string, Partial<RolloutRecord>, string]>([
    [
      'a step is missing',
      { scalings: good.scalings.slice(1) },
      'the steps were "down 3->2, up 1->2',
    ],
    ['another order', { scalings: good.scalings.toReversed() }, 'the steps were "down 1->0, up'],
    ['fewer in traffic', { endpointsMin: 2 }, 'only 2 pods were in traffic'],
    ['too many pods', { podsMax: 5 }, 'there were 5 pods at once'],
    ['one version only', { traffic: emptyTally }, 'version 1.0.0 got no request'],
    [
      'a dropped request',
      { traffic: { ...both, dropped: 1, examples: ['502'] } },
      '1 requests were dropped (502)',
    ],
    [
      'a version that is gone',
      { traffic: { ...both, byVersion: { ...both.byVersion, '0.9': { answered: 1, failed: 0 } } } },
      'version 0.9 answered',
    ],
  ])('%s', (_, change, fault) => {
    expect(rolloutFaults({ ...good, ...change }, versions)[0]).toContain(fault)
  })
})
