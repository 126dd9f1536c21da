import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Keyed, SortedList } from './sorted-list.ts'

function keysFrom(list: SortedList<Keyed>, start: string): string[] {
  return [...list.from(start)].map((item) => item.key)
}

test('holds what was added and not removed, in order, from any key on', () => {
  const name = fc.string({ maxLength: 3 })
  const step = fc.record({ isAdd: fc.integer({ min: 0, max: 2 }).map((n) => n > 0), name })
  fc.assert(
    fc.property(fc.array(step, { size: 'max', maxLength: 200 }), name, (steps, start) => {
      const list = new SortedList<Keyed>()
      const expected = new Set<string>()
      for (const { isAdd, name: key } of steps) {
        if (!isAdd) list.remove(key)
        else if (!expected.has(key)) list.add({ key })
        if (isAdd) expected.add(key)
        else expected.delete(key)
      }
      const sorted = [...expected].sort((left, right) => (left < right ? -1 : 1))
      expect(keysFrom(list, '')).toEqual(sorted)
      expect(keysFrom(list, start)).toEqual(sorted.filter((key) => key >= start))
      expect(list.size).toBe(sorted.length)
      expect(list.get(start)?.key).toBe(expected.has(start) ? start : undefined)
    }),
  )
})

test.each([
  ['rising', (index: number) => index],
  ['falling', (index: number) => 9_999 - index],
  ['scattered', (index: number) => (index * 7_919) % 10_000],
])('over many chunks, filled in %s order and emptied in another', (_, place) => {
  const name = (number: number) => String(number).padStart(4, '0')
  const list = new SortedList<Keyed>()
  for (let index = 0; index < 10_000; index++) list.add({ key: name(place(index)) })
  expect(keysFrom(list, '')).toEqual(Array.from({ length: 10_000 }, (_, index) => name(index)))
  expect(keysFrom(list, '9990x')[0]).toBe('9991')
  for (let index = 0; index < 10_000; index++) {
    if (index % 5_000 !== 0) list.remove(name((index * 3_571) % 10_000))
  }
  expect(keysFrom(list, '')).toEqual(['0000', name((5_000 * 3_571) % 10_000)].sort())
  expect(list.size).toBe(2)
})
