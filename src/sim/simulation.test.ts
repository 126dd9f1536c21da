import { describe, expect, test, vi } from 'vitest'
import { regressionSeeds } from './regression-seeds.ts'
import { simulate } from './simulation.ts'
import { describeViolation } from './tally.ts'

// Seconds of work each, also on a machine that is busy.
vi.setConfig({ testTimeout: 300_000 })

describe('a seed', () => {
  test('gives the same history twice, byte for byte', async () => {
    const [first, second] = [await simulate(2), await simulate(2)]
    expect(second).toEqual(first)
    expect(first.digest).toMatch(/^[0-9a-f]{64}$/)
  })

  test('gives another history than the next', async () => {
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

test.each(regressionSeeds)('seed %i: %s', async (seed) => {
  const report = await simulate(seed)
  expect(report.violation && describeViolation(report)).toBeUndefined()
})
