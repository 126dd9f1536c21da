import { expect, it } from 'vitest'
import { ageOf, humanDuration } from './age.ts'

const s = 1000
const m = 60 * s
const h = 60 * m
const d = 24 * h

it.each([
  [0, '0s'],
  [999, '0s'],
  [119 * s, '119s'],
  [120 * s, '2m'],
  [121 * s, '2m1s'],
  [10 * m - s, '9m59s'],
  [10 * m, '10m'],
  [3 * h - s, '179m'],
  [3 * h, '3h'],
  [3 * h + m, '3h1m'],
  [8 * h - s, '7h59m'],
  [8 * h, '8h'],
  [48 * h - s, '47h'],
  [48 * h, '2d'],
  [49 * h, '2d1h'],
  [8 * d - s, '7d23h'],
  [8 * d, '8d'],
  [2 * 365 * d - s, '729d'],
  [2 * 365 * d, '2y'],
  [2 * 365 * d + d, '2y1d'],
  [8 * 365 * d - s, '7y364d'],
  [8 * 365 * d, '8y'],
  [-500, '0s'],
  [-1500, '0s'],
  [-2 * s, '<invalid>'],
])('%i ms is %s (G-51)', (durationMs, text) => {
  expect(humanDuration(durationMs)).toBe(text)
})

it('has no age without a time', () => {
  expect(ageOf(undefined, 0)).toBe('<unknown>')
})
