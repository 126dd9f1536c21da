import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deepFreeze, type JsonValue } from '../json.ts'
import { mergePatch } from './merge-patch.ts'

/** Appendix A of RFC 7396, in its order. */
const cases: readonly (readonly [JsonValue, JsonValue, JsonValue])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
]

describe('RFC 7396, appendix A', () => {
  test.each(cases)('%j + %j = %j', (target, patch, result) => {
    expect(mergePatch(deepFreeze(target), deepFreeze(patch))).toEqual(result)
  })
})

test('__proto__ and constructor are ordinary keys', () => {
  const patch = JSON.parse('{"__proto__":{"x":1},"constructor":"y","z":1}') as JsonValue
  const result = mergePatch({}, patch)
  expect(Object.keys(result as object)).toEqual(['__proto__', 'constructor', 'z'])
  expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
})

const objects = fc.dictionary(
  fc.constantFrom('a', 'b', 'c'),
  fc.jsonValue({ maxDepth: 3 }),
) as fc.Arbitrary<Readonly<Record<string, JsonValue>>>

test('the same patch twice is the patch once, and changes nothing the second time', () => {
  fc.assert(
    fc.property(objects, objects, (target, patch) => {
      const once = mergePatch(deepFreeze(target), deepFreeze(patch))
      expect(mergePatch(once, patch)).toEqual(once)
    }),
  )
})

test('a patch that changes nothing returns the object itself', () => {
  const target = { a: { b: '1' }, c: 2 }
  for (const patch of [{}, { a: {} }, { c: 2 }, { a: { b: '1' } }, { gone: null }]) {
    expect(mergePatch(target, patch)).toBe(target)
  }
})
