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

test('who asks for more tries gets them, ever further apart', async () => {
  const clock = new VirtualClock()
  const startMs = clock.now()
  const atMs: number[] = []
  const attempt = async () => {
    atMs.push(clock.now() - startMs)
    if (atMs.length < 12) throw stale
    return 'done'
  }
  const result = retryOnConflict({ clock, prng: seededPrng(1) }, attempt, 12)
  await clock.advance(10_000)
  expect(await result).toBe('done')
  const gaps = atMs.slice(1).map((at, index) => at - (atMs[index] ?? 0))
  expect(Math.max(...gaps.slice(0, 5))).toBeLessThan(20)
  expect(Math.max(...gaps)).toBeGreaterThan(300)
  expect(Math.max(...gaps)).toBeLessThan(1000)
})
