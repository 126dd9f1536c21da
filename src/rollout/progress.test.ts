import { describe, expect, test } from 'vitest'
import { condition, givenDeployment, givenReplicaSet, t0 } from '../../test/rollout/given.ts'
import type { DeploymentStatus } from '../api/generated/types.ts'
import {
  beginProgress,
  isComplete,
  judgeProgress,
  pauseConditions,
  progressCheckMs,
} from './progress.ts'

const full = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 }

describe('B-50: complete', () => {
  const deployment = givenDeployment({ replicas: 3, generation: 2 })
  test.each<[string, DeploymentStatus, boolean]>([
    ['all equal', { ...full, observedGeneration: 2 }, true],
    ['observed later', { ...full, observedGeneration: 3 }, true],
    ['observed before', { ...full, observedGeneration: 1 }, false],
    ['an old pod', { ...full, replicas: 4, observedGeneration: 2 }, false],
    ['one not updated', { ...full, updatedReplicas: 2, observedGeneration: 2 }, false],
    ['one not available', { ...full, availableReplicas: 2, observedGeneration: 2 }, false],
  ])('%s: %j -> %s', (_, status, expected) => {
    expect(isComplete(deployment, status)).toBe(expected)
  })
})

/** Judges `next` after `before`, `seconds` after t0; returns the Progressing condition. */
function judge(
  before: DeploymentStatus,
  next: DeploymentStatus,
  given: { readonly seconds?: number; readonly deadline?: number; readonly newName?: string } = {},
) {
  const { seconds = 10, deadline = 60, newName = 'new' } = given
  const deployment = givenDeployment({ progressDeadlineSeconds: deadline, status: before })
  const conditions = judgeProgress(
    deployment,
    { ...next, conditions: before.conditions ?? [] },
    {
      newReplicaSet: newName === '' ? undefined : givenReplicaSet(newName),
      nowMs: t0 + seconds * 1000,
    },
  )
  return conditions.find(({ type }) => type === 'Progressing')
}

const updating = (updated = 0) => ({
  conditions: [condition('Progressing', 'True', { reason: 'ReplicaSetUpdated', updated })],
})
const middle = { replicas: 4, updatedReplicas: 1, readyReplicas: 3, availableReplicas: 3 }

describe('B-53: the Progressing condition', () => {
  test('complete', () => {
    expect(judge({ ...middle, ...updating() }, { ...full, observedGeneration: 1 })).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: 'ReplicaSet "app-new" has successfully progressed.',
    })
  })

  test('progressing', () => {
    const more = { ...middle, updatedReplicas: 2 }
    expect(judge({ ...middle, ...updating() }, more)).toMatchObject({
      status: 'True',
      reason: 'ReplicaSetUpdated',
      message: 'ReplicaSet "app-new" is progressing.',
    })
    expect(judge({ ...middle, ...updating() }, more, { newName: '' })?.message).toBe(
      'Deployment "app" is progressing.',
    )
  })

  test('timed out', () => {
    expect(judge({ ...middle, ...updating() }, middle, { seconds: 61 })).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: 'ReplicaSet "app-new" has timed out progressing.',
      lastTransitionTime: '2026-01-01T00:01:01Z',
    })
  })

  test('is not judged when all pods are updated and it was complete before', () => {
    const done = [condition('Progressing', 'True', { reason: 'NewReplicaSetAvailable' })]
    const crashed = { ...full, readyReplicas: 2, availableReplicas: 2 }
    const before = { ...crashed, conditions: done }
    expect(judge(before, { ...full, observedGeneration: 1 })).toBe(done[0])
  })

  test('without a deadline there is none', () => {
    const max = 2_147_483_647
    expect(judge({ ...middle, ...updating() }, full, { deadline: max })).toBeUndefined()
  })
})

describe('B-54: what counts as progress', () => {
  test.each<[string, DeploymentStatus, boolean]>([
    ['updated rose', { ...middle, replicas: 5, updatedReplicas: 2 }, true],
    ['old fell', { ...middle, replicas: 3 }, true],
    ['ready rose', { ...middle, readyReplicas: 4 }, true],
    ['available rose', { ...middle, availableReplicas: 4 }, true],
    ['nothing', middle, false],
    ['available fell', { ...middle, availableReplicas: 2 }, false],
  ])('%s', (_, next, isProgress) => {
    const judged = judge({ ...middle, ...updating() }, next, { seconds: 10 })
    const now = '2026-01-01T00:00:10Z'
    expect(judged?.lastUpdateTime === now).toBe(isProgress)
    // The status did not flip.
    expect(judged?.lastTransitionTime).toBe(new Date(t0).toISOString())
  })

  test('a rollout that timed out returns to True when it moves again (B-55)', () => {
    const late = condition('Progressing', 'False', { reason: 'ProgressDeadlineExceeded' })
    const before = { ...middle, conditions: [late] }
    expect(judge(before, { ...middle, updatedReplicas: 2 })).toMatchObject({
      status: 'True',
      lastTransitionTime: '2026-01-01T00:00:10Z',
    })
  })
})

describe('B-55, B-56: the deadline', () => {
  test.each([
    ['ReplicaSetUpdated', 60, false],
    ['ReplicaSetUpdated', 61, true],
    ['NewReplicaSetCreated', 61, true],
    ['DeploymentResumed', 61, true],
    ['NewReplicaSetAvailable', 100_000, false],
    ['ProgressDeadlineExceeded', 1, true],
  ])('%s, %i s after the last update: %s', (reason, seconds, isOver) => {
    const before = { ...middle, conditions: [condition('Progressing', 'True', { reason })] }
    const judged = judge(before, middle, { seconds })
    expect(judged?.reason === 'ProgressDeadlineExceeded').toBe(isOver)
  })

  test('the clock runs on from the stored lastUpdateTime, whoever wrote it', () => {
    expect(judge({ ...middle, ...updating(-50) }, middle, { seconds: 11 })?.status).toBe('False')
  })

  test('a rollout that waits is looked at again a second after its deadline', () => {
    const status = { ...middle, ...updating(5) }
    const deployment = givenDeployment({ progressDeadlineSeconds: 60 })
    expect(progressCheckMs(deployment, status, t0 + 10_000)).toBe(56_000)
    expect(progressCheckMs(deployment, status, t0 + 90_000)).toBe(0)
  })

  test.each([
    ['complete', { ...full, observedGeneration: 1, ...updating() }],
    [
      'timed out',
      {
        ...middle,
        conditions: [condition('Progressing', 'False', { reason: 'ProgressDeadlineExceeded' })],
      },
    ],
    [
      'cannot time out',
      {
        ...middle,
        conditions: [condition('Progressing', 'True', { reason: 'NewReplicaSetAvailable' })],
      },
    ],
    ['no condition', middle],
  ])('but not when %s', (_, status) => {
    expect(progressCheckMs(givenDeployment(), status, t0 + 90_000_000)).toBeUndefined()
  })
})

describe('B-60: pause and resume', () => {
  const paused = [condition('Progressing', 'Unknown', { reason: 'DeploymentPaused' })]

  test('pause', () => {
    const deployment = givenDeployment({ paused: true, status: updating() })
    expect(pauseConditions(deployment, t0 + 1000)).toEqual([
      {
        type: 'Progressing',
        status: 'Unknown',
        reason: 'DeploymentPaused',
        message: 'Deployment is paused',
        lastUpdateTime: '2026-01-01T00:00:01Z',
        lastTransitionTime: '2026-01-01T00:00:01Z',
      },
    ])
    expect(
      pauseConditions(givenDeployment({ paused: true, status: { conditions: paused } }), t0),
    ).toBeUndefined()
  })

  test('resume refreshes the clock of the deadline', () => {
    const deployment = givenDeployment({ status: { conditions: paused } })
    expect(pauseConditions(deployment, t0 + 9000)).toMatchObject([
      {
        status: 'Unknown',
        reason: 'DeploymentResumed',
        message: 'Deployment is resumed',
        lastUpdateTime: '2026-01-01T00:00:09Z',
      },
    ])
    expect(pauseConditions(givenDeployment({ status: updating() }), t0)).toBeUndefined()
  })

  test('neither without a deadline nor over ProgressDeadlineExceeded', () => {
    const late = [condition('Progressing', 'False', { reason: 'ProgressDeadlineExceeded' })]
    expect(
      pauseConditions(givenDeployment({ paused: true, status: { conditions: late } }), t0),
    ).toBeUndefined()
    const deployment = givenDeployment({ paused: true, progressDeadlineSeconds: undefined })
    expect(pauseConditions(deployment, t0)).toBeUndefined()
  })
})

test('B-17: a rollout begins without a deadline, or with a condition already there, leave it be', () => {
  const found = condition('Progressing', 'True', { reason: 'FoundNewReplicaSet' })
  const busy = givenDeployment({ status: updating() })
  expect(beginProgress(busy, found, 'ifAbsent')).toBe(busy)
  const unwatched = givenDeployment({ progressDeadlineSeconds: undefined })
  expect(beginProgress(unwatched, found, 'always')).toBe(unwatched)
  expect(beginProgress(givenDeployment(), found, 'ifAbsent').status?.conditions).toEqual([found])
})
