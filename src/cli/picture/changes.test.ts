import { expect, test } from 'vitest'
import { changesBetween } from './changes.ts'
import { pictureOf } from './picture-of.ts'
import { firstPodStarts, lastPodLeaves, podOf, sliceOf } from './rollout.fixture.ts'

const starts = firstPodStarts()
const before = pictureOf(starts)

test('the same picture is no change, whatever was counted and however old pods are', () => {
  const later = pictureOf({ ...starts, traffic: new Map(), nowMs: starts.nowMs + 60_000 })
  expect(changesBetween(before, later)).toEqual([])
})

test('S-05: a pod gets ready and gets traffic', () => {
  const pods = [...starts.pods.slice(0, 3), podOf('1.1.0', 'd')]
  const after = pictureOf({ ...starts, pods, endpointSlices: [sliceOf(pods)] })
  expect(changesBetween(before, after)).toEqual([
    'pod app-1.1.0-d (1.1.0) is ready',
    'pod app-1.1.0-d (1.1.0) gets traffic',
    'the next step is being decided',
  ])
})

test('to the end of the rollout', () => {
  expect(changesBetween(before, pictureOf(lastPodLeaves()))).toEqual([
    'pod app-1.1.0-d (1.1.0) is ready',
    'pod app-1.1.0-d (1.1.0) gets traffic',
    'revision 1 (1.0.0): 3 -> 0 wanted',
    'revision 2 (1.1.0): 1 -> 3 wanted',
    'pod app-1.0.0-c (1.0.0) gets no more traffic',
    'pod app-1.0.0-c (1.0.0) is being removed',
    'pod app-1.1.0-e (1.1.0) is created',
    'pod app-1.1.0-e (1.1.0) is ready',
    'pod app-1.1.0-e (1.1.0) gets traffic',
    'pod app-1.1.0-f (1.1.0) is created',
    'pod app-1.1.0-f (1.1.0) is ready',
    'pod app-1.1.0-f (1.1.0) gets traffic',
    'pod app-1.0.0-a (1.0.0) is gone',
    'pod app-1.0.0-b (1.0.0) is gone',
    'complete: all 3 pods run 1.1.0 (revision 2), removing app-1.0.0-c (1.0.0)',
  ])
})

test('S-33: a revision that becomes another one is told', () => {
  const [, next, ...others] = before.replicaSets
  const renumbered = { ...before, replicaSets: next ? [{ ...next, revision: '4' }, ...others] : [] }
  const only = { ...before, replicaSets: next ? [next, ...others] : [] }
  expect(changesBetween(only, renumbered)).toEqual(['revision 2 (1.1.0) becomes 4'])
})

test('a pod that cannot start says why, once', () => {
  const after = pictureOf(firstPodStarts({ waiting: 'ErrImagePull' }))
  expect(changesBetween(before, after)[0]).toBe(
    'pod app-1.1.0-d (1.1.0) is in trouble: ErrImagePull',
  )
  expect(changesBetween(after, after)).toEqual([])
})
