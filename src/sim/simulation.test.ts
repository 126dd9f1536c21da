import { describe, expect, test } from 'vitest'
import { regressionSeeds } from './regression-seeds.ts'
import { simulate } from './simulation.ts'
import { describeViolation } from './tally.ts'

describe('a seed', () => {
  test('gives the same history twice, byte for byte', { timeout: 60_000 }, async () => {
    const [first, second] = [await simulate(2), await simulate(2)]
    expect(second).toEqual(first)
    expect(first.digest).toMatch(/^[0-9a-f]{64}$/)
  })

  test('gives another history than the next', { timeout: 60_000 }, async () => {
    const [one, other] = [await simulate(3), await simulate(4)]
    expect(one.digest).not.toBe(other.digest)
    for (const report of [one, other]) {
      expect(report.operations).toBeGreaterThanOrEqual(50)
      expect(report.simulatedMs).toBeGreaterThanOrEqual(30 * 60_000)
      const faults = Object.values(report.faults).reduce((total, count) => total + count, 0)
      expect(faults).toBeGreaterThanOrEqual(5)
    }
  })
})

test.each(regressionSeeds)('seed %i: %s', { timeout: 60_000 }, async (seed) => {
  const report = await simulate(seed)
  expect(report.violation && describeViolation(report)).toBeUndefined()
})
