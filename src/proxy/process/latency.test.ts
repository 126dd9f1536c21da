import { expect, test } from 'vitest'
import { latencyBoundsSeconds } from '../../api/seams.ts'
import { Latency } from './latency.ts'

test('each answer is in the first bucket whose bound it does not pass', () => {
  const latency = new Latency()
  for (const ms of [0, 1, 1.1, 9.9, 10, 10_000, 10_001, 60_000]) latency.observe(ms)
  const { counts, sumSeconds } = latency.histogram()
  const at = (seconds: (typeof latencyBoundsSeconds)[number]) =>
    counts[latencyBoundsSeconds.indexOf(seconds)]
  expect([at(0.001), at(0.0025), at(0.005), at(0.01), at(10)]).toEqual([2, 1, 0, 2, 1])
  expect(counts.at(-1)).toBe(2)
  expect(counts).toHaveLength(latencyBoundsSeconds.length + 1)
  expect(sumSeconds).toBeCloseTo(80.023)
})
