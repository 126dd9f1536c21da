import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonValue } from '../api/json.ts'
import { fieldDifferences } from './field-differences.ts'

test.each<[string, JsonValue | undefined, JsonValue | undefined, unknown[]]>([
  ['a value', { a: 1 }, { a: 2 }, [{ path: 'a', from: 1, to: 2 }]],
  ['absent, null and empty are one', { a: null, b: [] }, { c: {} }, []],
  [
    'members by name',
    [{ name: 'x', v: 1 }],
    [
      { name: 'y', v: 1 },
      { name: 'x', v: 2 },
    ],
    [
      { path: '[name=x].v', from: 1, to: 2 },
      { path: '[name=y]', to: { name: 'y', v: 1 } },
    ],
  ],
  ['members by place', [1, 2], [1, 3], [{ path: '[1]', from: 2, to: 3 }]],
  [
    'a list of another length as a whole',
    ['a'],
    ['a', 'b'],
    [{ path: '', from: ['a'], to: ['a', 'b'] }],
  ],
  ['a key that is no word', {}, { 'a/b': 1 }, [{ path: '["a/b"]', to: 1 }]],
])('%s', (_, from, to, expected) => {
  expect(fieldDifferences(from, to)).toEqual(expected)
})

test('none between equal values, and the same both ways', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 4 }), (a, b) => {
      const [from, to] = [a as JsonValue, b as JsonValue]
      expect(fieldDifferences(from, from)).toEqual([])
      const paths = (x: JsonValue, y: JsonValue) =>
        fieldDifferences(x, y)
          .map(({ path }) => path)
          .sort()
      expect(paths(from, to)).toEqual(paths(to, from))
    }),
  )
})
