import fc from 'fast-check'
import type { Described, Operation, Schema } from './operations.ts'
import { specs } from './seed-objects.ts'

/** How deep a body is filled with what its schema says. */
const depthMax = 6
const membersMax = 5

const texts = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('', 'a', 'one', 'app', 'default', 'TCP', '25%', '1Gi') },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
)

const scalars: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  string: texts,
  integer: fc.oneof(fc.integer({ min: -1, max: 100 }), fc.integer()),
  number: fc.double({ noNaN: true, noDefaultInfinity: true }),
  boolean: fc.boolean(),
}

const instants = fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000001Z')
const formats: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  'date-time': instants,
  byte: fc.base64String({ maxLength: 8 }),
  'int-or-string': fc.constantFrom<unknown>(0, 1, '25%', 'http'),
}
const quantities = fc.constantFrom('0', '1', '500m', '1Gi')

/** Values as a schema describes them: of the right type, and seldom more than that. */
export class Bodies {
  readonly #described: Described

  constructor(described: Described) {
    this.#described = described
  }

  /**
   * A body for an operation, which says its kind and mostly has what the kind cannot be without.
   */
  of(operation: Operation): fc.Arbitrary<unknown> {
    const { body, method, kind } = operation
    const what = method === 'DELETE' ? { ...kind, kind: 'DeleteOptions' } : kind
    const apiVersion = what.group === '' ? what.version : `${what.group}/${what.version}`
    const name = method === 'POST' ? { generateName: 'made-' } : { name: 'one' }
    const identity = { apiVersion, kind: what.kind }
    return fc
      .tuple(this.#value(body ?? {}, depthMax), fc.constantFrom(specs[kind.kind], {}))
      .map(([value, spec]) => {
        if (typeof value !== 'object' || value === null) return value
        const { metadata } = value as { readonly metadata?: object }
        return { ...value, ...spec, ...identity, metadata: { ...metadata, ...name } }
      })
  }

  #value(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    if (schema.$ref) {
      const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
      if (name.endsWith('.Quantity')) return quantities
      return this.#value(this.#described.definitions[name] ?? {}, depth)
    }
    if (depth === 0) return fc.constant(schema.type === 'array' ? [] : {})
    const { type = 'object', format = '', items, additionalProperties, properties } = schema
    if (items) return fc.array(this.#value(items, depth - 1), { maxLength: 2 })
    if (additionalProperties) {
      return fc.dictionary(texts, this.#value(additionalProperties, depth - 1), { maxKeys: 2 })
    }
    if (properties) return this.#object(properties, depth)
    return formats[format] ?? scalars[type] ?? fc.constant({})
  }

  #object(properties: Readonly<Record<string, Schema>>, depth: number): fc.Arbitrary<unknown> {
    const entries = Object.entries(properties)
    return fc
      .subarray(entries, { maxLength: Math.min(membersMax, entries.length) })
      .chain((chosen) =>
        fc.record(
          Object.fromEntries(
            chosen.map(([name, schema]) => [name, this.#value(schema, depth - 1)]),
          ),
        ),
      )
  }
}

/** Where something is in a value. */
type Path = readonly string[]

function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [
    path,
    ...Object.entries(value).flatMap(([key, member]) => pathsIn(member, [...path, key])),
  ]
}

function replaced(value: unknown, [head, ...rest]: Path, make: (old: unknown) => unknown): unknown {
  if (head === undefined) return make(value)
  if (Array.isArray(value)) {
    return value.map((member, index) =>
      String(index) === head ? replaced(member, rest, make) : member,
    )
  }
  const entries = Object.entries(value as object)
  return Object.fromEntries(
    entries.map(([key, member]) => [key, key === head ? replaced(member, rest, make) : member]),
  )
}

/** Changed in one case of many only: whoever gets these wrong gets no further. */
const isOuter = ([head]: Path) => head === undefined || head === 'apiVersion' || head === 'kind'

function placesIn(value: unknown): fc.Arbitrary<Path> {
  const all = pathsIn(value)
  const inner = all.filter((path) => !isOuter(path))
  const any = fc.constantFrom(...all)
  if (inner.length === 0) return any
  return fc.oneof({ weight: 19, arbitrary: fc.constantFrom(...inner) }, any)
}

/** The value with something else in up to three of its places. */
export function mutated(
  value: unknown,
  others: fc.Arbitrary<(old: unknown) => unknown>,
): fc.Arbitrary<unknown> {
  const change = (current: unknown): fc.Arbitrary<unknown> =>
    fc.tuple(placesIn(current), others).map(([path, make]) => replaced(current, path, make))
  return change(value).chain((once) => fc.oneof(fc.constant(once), change(once).chain(change)))
}
