import { expect, test } from 'vitest'
import { deployment, replicaSet } from './given-deployment.fixture.ts'
import { GivenWorld, stalenessMs } from './given-world.fixture.ts'
import { total } from './total.ts'

interface Made {
  /** Whether who made it heard of it. */
  readonly isHeard: boolean
}

/** `adopted` grows to the full size, so long after `made` was made with that size. */
function grownAfter(ms: number, { isHeard }: Made): string | undefined {
  const given = new GivenWorld(total)
  given.write(deployment())
  given.write(replicaSet('adopted'))
  expect(given.write(replicaSet('made', { replicas: 4 }))).toBeUndefined()
  if (!isHeard) given.world.wroteUnheard('made', 0)
  given.pass(ms)
  return given.write(replicaSet('adopted', { replicas: 4 }))
}

const tooMany = 'the ReplicaSets of app want 8 pods, at most 4 are allowed'

test('B-38: all ReplicaSets together want no more than is allowed', () => {
  expect(grownAfter(0, { isHeard: true })).toBe(tooMany)
})

test('B-38: what was made in a write whose answer got lost counts when a cache can show it', () => {
  expect(grownAfter(stalenessMs / 2, { isHeard: false })).toBeUndefined()
  expect(grownAfter(2 * stalenessMs, { isHeard: false })).toBe(tooMany)
})
