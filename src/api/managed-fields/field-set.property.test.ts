import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonValue } from '../json.ts'
import {
  areEqualSets,
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmptySet,
  pathTexts,
  readFieldSet,
  recursiveDifference,
  SetBuilder,
  union,
} from './field-set.ts'

const elements = fc.constantFrom(
  'f:a',
  'f:b',
  'f:__proto__',
  'k:{"name":"x"}',
  'k:{"port":80}',
  'k:{"port":443}',
  'v:"z"',
)
const paths = fc.array(elements, { minLength: 1, maxLength: 3 })
const setsOfPaths = fc.array(paths, { maxLength: 6 })

function setOf(list: readonly (readonly string[])[]): FieldSet {
  return list.map((path) => fromPath(path)).reduce(union, emptySet)
}

function fromPath([first = '', ...rest]: readonly string[]): FieldSet {
  const builder = new SetBuilder()
  builder.add(first, rest.length === 0 ? {} : fromPath(rest))
  return builder.set()
}

const sets = setsOfPaths.map(setOf)
const textsOf = (set: FieldSet) => new Set(pathTexts(set))
const sorted = (texts: Iterable<string>) => [...texts].sort()

describe('field sets are sets of paths', () => {
  const holds = (law: (a: FieldSet, b: FieldSet, c: FieldSet) => void) =>
    fc.assert(fc.property(sets, sets, sets, law))

  test('with exactly the paths that were put in', () => {
    fc.assert(
      fc.property(setsOfPaths, (list) => {
        const distinct = new Set(list.map((path) => pathTexts(fromPath(path))[0] ?? ''))
        expect(sorted(pathTexts(setOf(list)))).toEqual(sorted(distinct))
      }),
    )
  })

  test('union, difference and intersection are those of the paths', () => {
    holds((a, b) => {
      const [left, right] = [textsOf(a), textsOf(b)]
      expect(sorted(pathTexts(union(a, b)))).toEqual(sorted(new Set([...left, ...right])))
      expect(sorted(pathTexts(difference(a, b)))).toEqual(
        sorted([...left].filter((path) => !right.has(path))),
      )
      expect(sorted(pathTexts(intersection(a, b)))).toEqual(
        sorted([...left].filter((path) => right.has(path))),
      )
    })
  })

  test('a recursive difference leaves nothing in or below the other set', () => {
    holds((a, b) => {
      const right = pathTexts(b)
      const isBelow = (path: string) =>
        right.some((other) => path === other || /^[.[]/.test(path.slice(other.length)))
      const kept = [...textsOf(a)].filter(
        (path) => !isBelow(path) || !right.some((other) => path.startsWith(other)),
      )
      expect(sorted(pathTexts(recursiveDifference(a, b)))).toEqual(sorted(kept))
    })
  })

  test('a difference that takes nothing away is the set itself', () => {
    holds((a, b) => {
      const rest = difference(a, b)
      expect(rest === a).toBe(isEmptySet(intersection(a, b)))
    })
  })

  test('equal sets have equal JSON, whatever the order they were put together in', () => {
    holds((a, b, c) => {
      const one = union(union(a, b), c)
      const other = union(c, union(b, a))
      expect(JSON.stringify(one)).toBe(JSON.stringify(other))
      expect(areEqualSets(one, other)).toBe(true)
      expect(areEqualSets(one, emptySet)).toBe(isEmptySet(one))
    })
  })

  test('what was written is read back', () => {
    holds((a) => {
      const read = readFieldSet(JSON.parse(JSON.stringify(a)) as JsonValue)
      expect(JSON.stringify(read)).toBe(JSON.stringify(a))
    })
  })
})

test.each([
  [JSON.parse('{"__proto__":{"x":{}}}'), undefined],
  [{ 'x:a': {} }, undefined],
  [{ 'k:name': {} }, undefined],
  [{ 'k:"name"': {} }, undefined],
  [{ 'f:a': 1 }, undefined],
  ['f:a', undefined],
  [
    { 'f:b': { '.': {} }, 'f:a': {} },
    { 'f:a': {}, 'f:b': {} },
  ],
])('%j from outside is %j', (value, expected) => {
  expect(JSON.stringify(readFieldSet(value as JsonValue))).toBe(JSON.stringify(expected))
})

test('paths are written as upstream writes them', () => {
  const container = { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:name': {} } }
  const set: FieldSet = {
    'f:metadata': { 'f:finalizers': { 'v:"a/b"': {} }, 'f:labels': { 'f:app.io/name': {} } },
    'f:spec': { 'f:ports': container, 'f:replicas': {}, 'f:x': { 'i:0': {} } },
  }
  expect(pathTexts(set)).toEqual([
    '.metadata.finalizers[="a/b"]',
    '.metadata.labels.app.io/name',
    '.spec.replicas',
    '.spec.ports[containerPort=80,protocol="TCP"]',
    '.spec.ports[containerPort=80,protocol="TCP"].name',
    '.spec.x[0]',
  ])
})
