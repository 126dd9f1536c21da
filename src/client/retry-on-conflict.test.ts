import { expect, test } from 'vitest'
import { StatusError } from '../api/status-error.ts'
import { seededPrng } from '../base/prng.ts'
import { VirtualClock } from '../base/virtual-clock.ts'
import { retryOnConflict } from './retry-on-conflict.ts'

const stale = new StatusError('Conflict', 'stale')
const gone = new StatusError('NotFound', 'gone')

test.each([
  { failures: 4, error: stale, tries: 5, outcome: 'done' },
  { failures: 9, error: stale, tries: 5, outcome: stale },
  { failures: 1, error: gone, tries: 1, outcome: gone },
])('$failures times $error.reason: $tries tries', async ({ failures, error, tries, outcome }) => {
  const clock = new VirtualClock()
  let count = 0
  const result = retryOnConflict({ clock, prng: seededPrng(1) }, async () => {
    if (++count <= failures) throw error
    return 'done'
  }).catch((caught) => caught)
  await clock.advance(1000)
  expect(await result).toBe(outcome)
  expect(count).toBe(tries)
})
