import fc from 'fast-check'
import { parseJson } from './json.ts'
import { type FieldSchema, type ModelSchema, modelSchema, type Scalar } from './schema.ts'

const fieldsMax = 5

const instants = fc
  .integer({ min: 0, max: 4_000_000_000 })
  .map((seconds) => new Date(seconds * 1000).toISOString())

const scalars: Readonly<Record<Scalar, fc.Arbitrary<unknown>>> = {
  string: fc.oneof(fc.constantFrom('', 'a', '__proto__'), fc.string({ maxLength: 8 })),
  int32: fc.oneof(fc.constant(0), fc.integer()),
  int64: fc.oneof(
    fc.constant(0),
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 60n, max: 2n ** 62n }),
  ),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }),
  boolean: fc.boolean(),
  'date-time': instants.map((text) => text.replace('.000Z', 'Z')),
  'micro-time': instants.map((text) => text.replace('.000Z', '.123456Z')),
  bytes: fc.base64String({ maxLength: 8 }),
  'int-or-string': fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom('25%', 'http', '')),
  quantity: fc.constantFrom('0', '1', '500m', '0.5', '1Gi', '1024Mi', '2k', '1e3'),
  any: fc
    .json({ maxDepth: 2 })
    .map(parseJson)
    .filter((value) => value !== null),
}

function element({ element }: FieldSchema, depth: number): fc.Arbitrary<unknown> {
  return typeof element === 'object' ? model(element, depth - 1) : scalars[element]
}

function member(field: FieldSchema, depth: number): fc.Arbitrary<unknown> {
  const one = element(field, depth)
  const list = fc.array(one, { maxLength: 2 })
  const key = fc.constantFrom('a', 'b.c/d', '__proto__', 'constructor', 'pod-template-hash')
  switch (field.shape) {
    case 'one':
      return one
    case 'list':
      return list
    case 'map':
      return fc.dictionary(key, one, { maxKeys: 2 })
    case 'map-of-lists':
      return fc.dictionary(key, list, { maxKeys: 2 })
  }
}

function model(schema: ModelSchema, depth: number): fc.Arbitrary<object> {
  if (depth <= 0) return fc.constant({})
  const fields = [...schema.fields.values()].filter(
    ({ name }) => name !== 'apiVersion' && name !== 'kind',
  )
  return fc
    .subarray(fields, { maxLength: Math.min(fieldsMax, fields.length) })
    .chain((chosen) =>
      fc.record(Object.fromEntries(chosen.map((field) => [field.name, member(field, depth)]))),
    )
}

/** Any value of a model that decodes without error, a few fields wide and `depth` models deep. */
export function arbitraryModel(name: string, depth = 6): fc.Arbitrary<object> {
  return model(modelSchema(name), depth)
}

/** One scalar inside a decoded value. */
export interface Leaf {
  readonly path: readonly (string | number)[]
  readonly scalar: Scalar
}

export function leavesOf(schema: ModelSchema, value: object, path: Leaf['path'] = []): Leaf[] {
  return [...schema.fields.values()].flatMap((field) => {
    const found = (value as Record<string, unknown>)[field.name]
    return found === undefined ? [] : leavesOfField(field, found, [...path, field.name])
  })
}

function leavesOfField(field: FieldSchema, value: unknown, path: Leaf['path']): Leaf[] {
  const at = (member: unknown, here: Leaf['path']): Leaf[] =>
    typeof field.element === 'object'
      ? leavesOf(field.element, member as object, here)
      : [{ path: here, scalar: field.element }]
  if (field.shape === 'one') return at(value, path)
  if (Array.isArray(value)) return value.flatMap((member, index) => at(member, [...path, index]))
  return Object.entries(value as object).flatMap(([key, member]) => at(member, [...path, key]))
}

const others: Partial<Readonly<Record<Scalar, unknown>>> = {
  quantity: '77',
  'date-time': '1999-12-31T23:59:59Z',
  'micro-time': '1999-12-31T23:59:59.999999Z',
  bytes: 'b3RoZXI=',
  any: { other: true },
}

/** Another value of the same type. */
function otherThan(scalar: Scalar, value: unknown): unknown {
  if (others[scalar] !== undefined) return others[scalar]
  if (typeof value === 'boolean') return !value
  if (typeof value === 'string') return `${value}x`
  return value === 1 ? 2 : 1
}

/** A copy of `value` in which one leaf has another value. */
export function withOtherLeaf(value: unknown, { path, scalar }: Leaf): unknown {
  const [head, ...rest] = path
  if (head === undefined) return otherThan(scalar, value)
  const leaf = { path: rest, scalar }
  if (Array.isArray(value)) {
    return value.map((member, index) => (index === head ? withOtherLeaf(member, leaf) : member))
  }
  const entries = Object.entries(value as object)
  return Object.fromEntries(
    entries.map(([key, member]) => [key, key === head ? withOtherLeaf(member, leaf) : member]),
  )
}

/** A copy with the members of every object in reverse order. */
export function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, member]) => [key, reversed(member)] as const)
  return Object.fromEntries(entries.reverse())
}

export function isDeepFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isDeepFrozen)
}
