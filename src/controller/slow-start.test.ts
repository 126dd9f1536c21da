import { expect, test } from 'vitest'
import { settled } from '../base/virtual-clock.ts'
import { slowStart } from './slow-start.ts'

test.each([
  [0, []],
  [1, [1]],
  [6, [1, 3, 6]],
  [20, [1, 3, 7, 15, 20]],
])('C-06: %i creations begin as batches, each after the former', async (count, begunAfterBatch) => {
  const begun: number[] = []
  let release: (() => void)[] = []
  const running = slowStart(count, (index) => {
    begun.push(index)
    return new Promise<void>((resolve) => release.push(resolve))
  })
  for (const expected of begunAfterBatch) {
    expect(begun.length).toBe(expected)
    const [last, ...others] = release.reverse()
    release = []
    for (const end of others) end()
    await settled()
    expect(begun.length, 'the whole batch is waited for').toBe(expected)
    last?.()
    await settled()
  }
  expect(await running).toEqual({ succeeded: count })
  expect(begun).toEqual(Array.from({ length: count }, (_, index) => index))
})

test.each([
  { failing: [0], calls: 1, succeeded: 0 },
  { failing: [2], calls: 3, succeeded: 2 },
  { failing: [3, 5], calls: 7, succeeded: 5 },
])('C-06: the first batch with an error stops the rest: $failing', async (expected) => {
  let calls = 0
  const result = await slowStart(20, async (index) => {
    calls++
    if (expected.failing.includes(index)) throw new Error(`quota ${index}`)
  })
  expect(calls).toBe(expected.calls)
  expect(result.succeeded).toBe(expected.succeeded)
  expect(result.error).toEqual(new Error(`quota ${expected.failing[0]}`))
})
