import { describe, expect, test } from 'vitest'
import { percentOf, resolveIntOrPercent } from './int-or-percent.ts'

describe('B-30 int or percent', () => {
  // replicas, surge (up), unavailable (down) of 25%
  test.each([
    [1, 1, 0],
    [2, 1, 0],
    [3, 1, 0],
    [4, 1, 1],
    [5, 2, 1],
    [10, 3, 2],
    [0, 0, 0],
  ])('25%% of %i: surge %i, unavailable %i', (total, up, down) => {
    expect(resolveIntOrPercent('25%', total, 'up')).toBe(up)
    expect(resolveIntOrPercent('25%', total, 'down')).toBe(down)
  })

  test('a number is taken as it is, whatever the total', () => {
    expect(resolveIntOrPercent(7, 3, 'up')).toBe(7)
    expect(resolveIntOrPercent(0, 3, 'down')).toBe(0)
  })

  test('surge may exceed 100%', () => {
    expect(resolveIntOrPercent('150%', 3, 'up')).toBe(5)
  })

  test.each(['5', '-1%', '1.5%', '%', ' 1%', '1%%', 'a'])('%j is no percentage', (text) => {
    expect(percentOf(text)).toBeUndefined()
    expect(() => resolveIntOrPercent(text, 3, 'up')).toThrow(RangeError)
  })
})
