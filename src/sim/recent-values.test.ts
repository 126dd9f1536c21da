import { expect, test } from 'vitest'
import { RecentValues } from './recent-values.ts'

test('a value counts from when it was set until the span after it was replaced', () => {
  const values = new RecentValues<number>(100)
  expect(values.within(0)).toEqual([])
  values.set(0, 3)
  values.set(50, 3)
  values.set(200, 4)
  values.set(250, 5)
  expect(values.within(299)).toEqual([3, 4, 5])
  expect(values.within(300)).toEqual([4, 5])
  expect(values.within(350)).toEqual([5])
  expect(values.within(10_000)).toEqual([5])
})
