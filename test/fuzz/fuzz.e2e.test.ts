import { expect, test } from 'vitest'
import { fuzz } from './fuzz.ts'

/** Far more than what is compiled on the way, far less than what a leaked body per request is. */
const grownBytesMax = 24 * 1024 * 1024

test('whatever is sent, the answer is no 5xx, comes, and is a Status if it is a refusal', async () => {
  const { grownBytes } = await fuzz({ runs: 150 })
  expect(grownBytes).toBeLessThan(grownBytesMax)
})
