import { describe, expect, test } from 'vitest'
import { deployment, replicaSet } from './given-deployment.fixture.ts'
import { GivenWorld, stalenessMs } from './given-world.fixture.ts'
import { revisions } from './revisions.ts'

/** `other` is made with the number of `first`, so long after it. */
function sameNumberAfter(ms: number): string | undefined {
  const given = new GivenWorld(revisions)
  given.write(deployment())
  expect(given.write(replicaSet('first', { revision: 1 }))).toBeUndefined()
  given.pass(ms)
  return given.write(replicaSet('other', { revision: 1 }))
}

test('B-21: a number that everybody has heard of is not given again', () => {
  expect(sameNumberAfter(2 * stalenessMs)).toMatch(/other gets revision 1, and first has 1/)
})

test('B-21: a number given in a write whose answer got lost counts when a cache can show it', () => {
  expect(sameNumberAfter(stalenessMs / 2)).toBeUndefined()
})

describe('B-21: a Deployment goes back', () => {
  /** From revision 3 to 2, with these of its ReplicaSets left. */
  function goesBack(left: readonly number[], deletionTimestamp?: string): string | undefined {
    const given = new GivenWorld(revisions)
    given.write(deployment({ revision: 3 }))
    for (const revision of left) given.write(replicaSet(`app-${revision}`, { revision }))
    return given.write(deployment({ revision: 2, ...(deletionTimestamp && { deletionTimestamp }) }))
  }

  test('where nothing above is left of its history', () => {
    expect(goesBack([1, 2])).toBeUndefined()
  })

  test('not beside a higher one', () => {
    expect(goesBack([2, 3])).toBe('Deployment app goes back from revision 3 to 2')
  })

  test('beside a higher one while it is deleted, which takes that away, too', () => {
    expect(goesBack([2, 3], '2026-01-01T00:00:00Z')).toBeUndefined()
  })
})
