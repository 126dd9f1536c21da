import fc from 'fast-check'
import { applyPatch as applyByLibrary, createPatch } from 'rfc6902'
import { describe, expect, test } from 'vitest'
import { deepFreeze, type JsonObject, type JsonValue } from '../json.ts'
import { jsonPatch } from './json-patch.ts'

const document = deepFreeze({
  metadata: { name: 'a', labels: { 'x/y': '1', 'm~n': '2' } },
  list: [1, 2, 3],
  none: null,
})

describe('H-12: what a JSON patch makes', () => {
  const cases: readonly (readonly [string, JsonValue, JsonValue])[] = [
    ['adds a member', [{ op: 'add', path: '/n', value: 1 }], { ...document, n: 1 }],
    ['inserts', [{ op: 'add', path: '/list/1', value: 9 }], { ...document, list: [1, 9, 2, 3] }],
    ['appends', [{ op: 'add', path: '/list/-', value: 9 }], { ...document, list: [1, 2, 3, 9] }],
    [
      'appends at the end',
      [{ op: 'add', path: '/list/3', value: 9 }],
      { ...document, list: [1, 2, 3, 9] },
    ],
    ['removes', [{ op: 'remove', path: '/list/0' }], { ...document, list: [2, 3] }],
    ['replaces', [{ op: 'replace', path: '/list/0', value: 9 }], { ...document, list: [9, 2, 3] }],
    ['replaces null', [{ op: 'replace', path: '/none', value: 1 }], { ...document, none: 1 }],
    [
      'unescapes ~1 and ~0',
      [
        { op: 'remove', path: '/metadata/labels/x~1y' },
        { op: 'test', path: '/metadata/labels/m~0n', value: '2' },
      ],
      { ...document, metadata: { name: 'a', labels: { 'm~n': '2' } } },
    ],
    [
      'moves and copies',
      [
        { op: 'move', from: '/list/0', path: '/list/2' },
        { op: 'copy', from: '/list', path: '/again' },
      ],
      { ...document, list: [2, 3, 1], again: [2, 3, 1] },
    ],
    [
      'tests regardless of order',
      [{ op: 'test', path: '/metadata', value: { labels: { 'm~n': '2', 'x/y': '1' }, name: 'a' } }],
      document,
    ],
    ['does nothing', [], document],
  ]
  test.each(cases)('%s', (_name, patch, expected) => {
    expect(jsonPatch(document, patch)).toEqual(expected)
  })
})

describe('K.4: what cannot be applied is refused as a whole', () => {
  const rejected = 'the server rejected our request due to an error in our request: '
  const cases: readonly (readonly [JsonObject, string])[] = [
    [{ op: 'test', path: '/list/0', value: 2 }, 'testing value /list/0 failed: test failed'],
    [
      { op: 'replace', path: '/metadata/annotations', value: {} },
      'replace operation does not apply: doc is missing key: /metadata/annotations: missing value',
    ],
    [
      { op: 'add', path: '/spec/x', value: 1 },
      'add operation does not apply: doc is missing path: "/spec/x": missing value',
    ],
    [
      { op: 'remove', path: '/gone' },
      "error in remove for path: '/gone': Unable to remove nonexistent key: gone: missing value",
    ],
    [
      { op: 'copy', from: '/gone', path: '/x' },
      'copy operation does not apply: doc is missing from path: /gone: missing value',
    ],
    [
      { op: 'add', path: '/list/4', value: 1 },
      'add operation does not apply: doc is missing path: "/list/4": missing value',
    ],
    [
      { op: 'add', path: '/metadata/name/length', value: 1 },
      'add operation does not apply: doc is missing path: "/metadata/name/length": missing value',
    ],
    [
      { op: 'move', from: '/metadata', path: '/metadata/in' },
      'move operation does not apply: /metadata/in is inside /metadata',
    ],
    [{ op: 'burn', path: '/x' }, 'Unexpected kind: burn'],
  ]
  test.each(cases)('%j', (operation, why) => {
    const patch = [{ op: 'add', path: '/n', value: 1 }, operation]
    expect(() => jsonPatch(document, patch)).toThrow(
      expect.objectContaining({ code: 422, reason: 'Invalid', message: rejected + why }),
    )
    expect(document).not.toHaveProperty('n')
  })
})

describe('what is not a JSON patch', () => {
  test.each([[{ op: 'add' }], [['x']], [[{ op: 'add', value: 1 }]], [[{ op: 1, path: '/x' }]]])(
    '%j is 400',
    (patch) => {
      expect(() => jsonPatch(document, patch as JsonValue)).toThrow(
        expect.objectContaining({ code: 400, reason: 'BadRequest' }),
      )
    },
  )

  test('more than 10,000 operations are 413', () => {
    const patch = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/none', value: null }))
    expect(() => jsonPatch(document, patch)).toThrow(
      expect.objectContaining({
        code: 413,
        message:
          'Request entity is too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
      }),
    )
    expect(jsonPatch(document, patch.slice(1))).toBe(document)
  })

  test('copies of copies end before they fill the memory', () => {
    const big = 'x'.repeat(1000)
    const copies = Array.from({ length: 60 }, (_, i) => ({
      op: 'copy',
      from: '/a',
      path: `/a/${i}`,
    }))
    expect(() => jsonPatch({ a: { big } }, copies)).toThrow(expect.objectContaining({ code: 422 }))
  })

  test('a pointer deeper than any object is refused', () => {
    const path = '/a'.repeat(10_000)
    expect(() => jsonPatch({}, [{ op: 'add', path, value: 1 }])).toThrow(
      expect.objectContaining({ code: 400, message: 'exceeded max depth' }),
    )
  })
})

test('__proto__ and constructor are ordinary keys', () => {
  const patch = ['__proto__', 'constructor'].map((key) => ({
    op: 'add',
    path: `/${key}`,
    value: { polluted: true },
  }))
  const result = jsonPatch({}, patch) as JsonObject
  expect(Object.keys(result)).toEqual(['__proto__', 'constructor'])
  expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
  expect(jsonPatch(result, [{ op: 'remove', path: '/constructor' }])).not.toHaveProperty(
    'constructor.polluted',
  )
})

const key = fc.constantFrom('a', 'b', 'c~', 'd/')
const { tree } = fc.letrec<{ tree: JsonValue }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.integer({ min: 0, max: 3 }),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
  ),
}))
const objects = fc.dictionary(key, tree, { noNullPrototype: true })

test('makes what another implementation of RFC 6902 makes', () => {
  fc.assert(
    fc.property(objects, objects, (before, after) => {
      const patch = createPatch(before, after)
      const frozen = deepFreeze(JSON.parse(JSON.stringify(before)) as JsonObject)
      const mine = jsonPatch(frozen, patch as unknown as JsonValue)
      expect(applyByLibrary(before, patch).every((error) => error === null)).toBe(true)
      expect(mine).toEqual(before)
      expect(mine).toEqual(after)
    }),
  )
})
