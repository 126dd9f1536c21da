import { describe, expect, test } from 'vitest'
import { type GivenPod, givenPod, t0 } from '../../test/rollout/given.ts'
import { ageBucket, rankPodsForDeletion } from './pod-deletion-order.ts'

const cost = (value: string) => ({
  annotations: { 'controller.kubernetes.io/pod-deletion-cost': value },
})

/** Whether `first` goes before `second`, in whichever order they come. */
function goesFirst(first: GivenPod, second: GivenPod, related: Record<string, number> = {}) {
  const facts = { relatedPodsByNode: new Map(Object.entries(related)), nowMs: t0 }
  const pods = [givenPod('first', first), givenPod('second', second)]
  const names = [pods, pods.toReversed()].map((each) =>
    rankPodsForDeletion(each, facts).map(({ metadata }) => metadata.name),
  )
  return names.every(([name]) => name === 'first')
}

describe('C-08: which pod is deleted first', () => {
  test.each<[string, GivenPod, GivenPod]>([
    ['1 unassigned before assigned', { node: '', readyFor: 9 }, { phase: 'Pending' }],
    ['2 Pending before Unknown', { phase: 'Pending', readyFor: 9 }, { phase: 'Unknown' }],
    ['2 Unknown before Running', { phase: 'Unknown', readyFor: 9 }, { phase: 'Running' }],
    ['3 not ready before ready', cost('9'), { readyFor: 9 }],
    ['4 lower deletion cost', { readyFor: 1e6, ...cost('-5') }, { readyFor: 1 }],
    ['4 absent is 0', { readyFor: 1e6 }, { readyFor: 1, ...cost('1') }],
    [
      '4 with a plus sign it is invalid, so 0',
      { readyFor: 9, ...cost('-1') },
      { readyFor: 1, ...cost('+7') },
    ],
    [
      '4 with a leading zero it is invalid, so 0',
      { readyFor: 9, ...cost('007') },
      { readyFor: 1, ...cost('1') },
    ],
    [
      '4 beyond int32 it is invalid, so 0',
      { readyFor: 9, ...cost('2147483648') },
      { readyFor: 1, ...cost('1') },
    ],
    ['6 ready for a shorter time', { readyFor: 10 }, { readyFor: 1000 }],
    ['6 same bucket: the lower uid', { readyFor: 1000, uid: 'a' }, { readyFor: 990, uid: 'b' }],
    ['7 more restarts', { restarts: 3, age: 1e6 }, { restarts: 1, age: 1 }],
    ['8 created later', { age: 10 }, { age: 1000 }],
    ['8 same bucket: the lower uid', { age: 1000, uid: 'a' }, { age: 990, uid: 'b' }],
  ])('%s', (_, first, second) => {
    expect(goesFirst(first, second)).toBe(true)
  })

  test('5 more related pods on its node', () => {
    const crowded = { node: 'a', readyFor: 1e6 }
    expect(goesFirst(crowded, { node: 'b', readyFor: 1 }, { a: 2, b: 1 })).toBe(true)
  })

  test('7 regular containers decide before sidecars', () => {
    const restarted = (regular: number, sidecar: number, name: string) => {
      const pod = givenPod(name, { restarts: regular })
      const container = { name: 'side', image: 'side' }
      const status = { ...container, imageID: '', ready: true, restartCount: sidecar }
      return {
        ...pod,
        spec: { ...pod.spec, initContainers: [{ ...container, restartPolicy: 'Always' }] },
        status: { ...pod.status, initContainerStatuses: [status] },
      } as typeof pod
    }
    const facts = { relatedPodsByNode: new Map(), nowMs: t0 }
    const pods = [restarted(1, 9, 'c'), restarted(2, 0, 'a'), restarted(1, 10, 'b')]
    const names = rankPodsForDeletion(pods, facts).map(({ metadata }) => metadata.name)
    expect(names).toEqual(['a', 'b', 'c'])
  })

  test('the buckets are powers of two of nanoseconds', () => {
    expect(ageBucket(0)).toBe(-1)
    expect(ageBucket(-5)).toBe(-1)
    expect(ageBucket(1)).toBe(19)
    expect(ageBucket(2 ** 33 / 1e6 - 0.001)).toBe(32)
    expect(ageBucket(2 ** 33 / 1e6)).toBe(33)
  })
})
