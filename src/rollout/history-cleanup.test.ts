import { describe, expect, test } from 'vitest'
import { givenDeployment, givenReplicaSet } from '../../test/rollout/given.ts'
import { replicaSetsToDelete } from './history-cleanup.ts'

function names(limit: number | undefined, ...old: readonly ReturnType<typeof givenReplicaSet>[]) {
  const deployment = givenDeployment({ revisionHistoryLimit: limit })
  return replicaSetsToDelete(deployment, old).map(({ metadata }) => metadata.name)
}

const revision = (number: number) =>
  givenReplicaSet(`r${number}`, { revision: number, created: 100 - number })
const one = revision(1)
const two = revision(2)
const three = revision(3)
const ten = revision(10)

describe('B-66: what the history gives up', () => {
  test('the lowest revisions beyond the limit, by number', () => {
    expect(names(2, ten, three, one, two)).toEqual(['app-r1', 'app-r2'])
    expect(names(4, ten, three, one, two)).toEqual([])
    expect(names(undefined, ten, three, one, two)).toEqual([])
  })

  test('of equal revisions the older first, then by name', () => {
    const late = givenReplicaSet('a', { revision: 1, created: 9 })
    const early = givenReplicaSet('c', { revision: 1, created: 5 })
    const twin = givenReplicaSet('b', { revision: 1, created: 5 })
    expect(names(0, late, early, twin)).toEqual(['app-b', 'app-c', 'app-a'])
  })

  test.each([
    ['wants pods', { replicas: 1, pods: 0 }],
    ['has pods', { replicas: 0, pods: 1 }],
    ['was changed and not observed', { generation: 2, status: { observedGeneration: 1 } }],
  ])('one that %s is passed over, not replaced', (_, given) => {
    const busy = givenReplicaSet('r1', { revision: 1, ...given })
    expect(names(2, busy, two, three, ten)).toEqual(['app-r2'])
  })

  test('one that is being deleted does not count', () => {
    const going = { ...one, metadata: { ...one.metadata, deletionTimestamp: 'now' } }
    expect(names(2, going, two, three, ten)).toEqual(['app-r2'])
  })
})

test('B-67: limit 0 gives up all that are drained', () => {
  expect(names(0, one, two)).toEqual(['app-r1', 'app-r2'])
})
