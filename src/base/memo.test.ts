import { expect, test, vi } from 'vitest'
import { oncePerFrozen } from './memo.ts'

test('what is made of a frozen object is made once, also when it is nothing', () => {
  const make = vi.fn(({ text }: { readonly text?: string }) => text)
  const of = oncePerFrozen(make)
  const [full, empty] = [Object.freeze({ text: 'a' }), Object.freeze({})]
  expect([of(full), of(full), of(empty), of(empty)]).toEqual(['a', 'a', undefined, undefined])
  expect(make).toHaveBeenCalledTimes(2)
})

test('what may still change is looked at every time', () => {
  const of = oncePerFrozen(({ text }: { text: string }) => text)
  const object = { text: 'a' }
  expect(of(object)).toBe('a')
  object.text = 'b'
  expect(of(object)).toBe('b')
  expect(of(Object.freeze(object))).toBe('b')
})
