import fc from 'fast-check'
import type { JsonObject } from '../../src/api/json.ts'
import { mergeKeyOf } from '../../src/api/patch/merge-keys.ts'
import { apiVersionOf, type Resource } from '../../src/api/resource.ts'
import {
  type FieldSchema,
  type ModelSchema,
  modelSchema,
  type Scalar,
} from '../../src/api/schema.ts'

/** How deep what is generated goes: to the environment of a container in a template. */
const depthMax = 8
const fieldsMax = 4

/** What kubectl has to find as it was, and what it does not print. */
const unchanged = new Set(['apiVersion', 'kind', 'name', 'metadata', 'managedFields'])

const letter = fc.constantFrom('a', 'b', 'c')
const digit = fc.constantFrom(1, 2, 3)

/** Few values, so that objects and patches meet. */
const scalars: Readonly<Record<Scalar, fc.Arbitrary<unknown>>> = {
  string: letter,
  int32: digit,
  int64: digit,
  double: digit,
  boolean: fc.boolean(),
  'date-time': fc.constant('2026-01-01T00:00:00Z'),
  'micro-time': fc.constant('2026-01-01T00:00:00.000000Z'),
  bytes: fc.constantFrom('YQ==', 'Yg=='),
  'int-or-string': fc.oneof(letter, digit),
  quantity: fc.constantFrom('1', '2'),
  any: fc.record({ a: digit }),
}

type Make = (model: ModelSchema, depth: number) => fc.Arbitrary<JsonObject>

/** What a value may be made of: an object of whole values, a patch of changes. */
interface Style {
  /** The members for one field, by name: a patch says some things of a list beside it. */
  readonly field: (
    model: ModelSchema,
    field: FieldSchema,
    depth: number,
  ) => fc.Arbitrary<Readonly<Record<string, unknown>>>
}

/** Where there is something to merge, rather than scalars. */
function isDeep(model: ModelSchema, { name, element }: FieldSchema): boolean {
  return typeof element === 'object' || mergeKeyOf(model.name, name) !== undefined
}

function membersOf(model: ModelSchema, depth: number, { field }: Style): fc.Arbitrary<JsonObject> {
  const fields = [...model.fields.values()].filter(({ name }) => !unchanged.has(name))
  const deep = fields.filter((candidate) => isDeep(model, candidate))
  const some = (from: readonly FieldSchema[], max: number) =>
    fc.subarray([...from], { maxLength: Math.min(max, from.length) })
  return fc
    .tuple(
      some(deep, depth > 0 ? fieldsMax : 0),
      some(
        fields.filter((f) => !deep.includes(f)),
        3,
      ),
    )
    .chain(([one, other]) => fc.tuple(...[...one, ...other].map((f) => field(model, f, depth - 1))))
    .map((members) => Object.assign({}, ...members) as JsonObject)
}

const plainOf = (field: FieldSchema, depth: number, make: Make): fc.Arbitrary<unknown> =>
  typeof field.element === 'object' ? make(field.element, depth) : scalars[field.element]

/** An element of a merged list with the key that it is found by; the others may be missing. */
function keyed(
  field: FieldSchema,
  { key, depth, make }: { readonly key: string; readonly depth: number; readonly make: Make },
): fc.Arbitrary<JsonObject> {
  const { element } = field
  if (typeof element !== 'object') throw new Error(`${field.name} has a key but no members`)
  const type = element.fields.get(key)?.element
  const value = typeof type === 'string' ? scalars[type] : letter
  return fc
    .tuple(make(element, depth), value)
    .map(([members, id]) => ({ ...members, [key]: id }) as JsonObject)
}

const unique = <T>(item: fc.Arbitrary<T>, key: (item: T) => unknown, minLength = 0) =>
  fc.uniqueArray(item, { selector: key, minLength, maxLength: 3 })

const objectOf: Make = (model, depth) =>
  membersOf(model, depth, {
    field: (owner, field, left) => {
      const key = mergeKeyOf(owner.name, field.name)
      const one = plainOf(field, left, objectOf)
      const many = key
        ? unique(keyed(field, { key, depth: left, make: objectOf }), (item) => item[key])
        : unique(one, (item) => JSON.stringify(item))
      const shapes = {
        one,
        list: many,
        map: fc.dictionary(letter, one, { maxKeys: 3, noNullPrototype: true }),
        'map-of-lists': fc.dictionary(letter, many, { maxKeys: 2, noNullPrototype: true }),
      }
      return shapes[field.shape].map((value) => ({ [field.name]: value }))
    },
  })

const seldom = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 7, arbitrary: usual }, { weight: 1, arbitrary: other })

/** A patch of a map: its changes, maybe with a word on what is to become of the rest. */
const patchOf: Make = (model, depth) =>
  fc
    .tuple(
      membersOf(model, depth, { field: changesOf }),
      fc.oneof(
        { weight: 14, arbitrary: fc.constant('') },
        fc.constantFrom('replace', 'delete', 'retain'),
      ),
      fc.subarray([...model.fields.keys()].slice(0, 6)),
    )
    .map(([changes, word, kept]) => {
      if (word === 'retain') {
        const named = Object.keys(changes).filter((name) => !name.startsWith('$'))
        return { ...changes, $retainKeys: [...new Set([...named, ...kept])] }
      }
      return word === '' ? changes : { ...changes, $patch: word }
    })

function changesOf(
  owner: ModelSchema,
  field: FieldSchema,
  depth: number,
): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const key = mergeKeyOf(owner.name, field.name)
  if (field.shape === 'list' && key !== undefined) {
    return key === '' ? valueChanges(field) : elementChanges(field, key, depth)
  }
  const nothing: fc.Arbitrary<unknown> = fc.constant(null)
  const one = plainOf(field, depth, patchOf)
  const whole = fc.array(plainOf(field, depth, objectOf), { maxLength: 2 })
  const shapes = {
    one: seldom(one, nothing),
    list: seldom<unknown>(whole, nothing),
    map: fc.dictionary(letter, seldom(one, nothing), { maxKeys: 3, noNullPrototype: true }),
    'map-of-lists': fc.dictionary(letter, whole, { maxKeys: 2, noNullPrototype: true }),
  }
  return shapes[field.shape].map((value) => ({ [field.name]: value }))
}

/** Of a list of plain values: those to add, in an order, or those to take away. */
function valueChanges({ name }: FieldSchema): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const values = unique(letter, (value) => value, 1)
  return fc.oneof(
    values.map((list) => ({ [name]: list })),
    values.map((list) => ({ [`$deleteFromPrimitiveList/${name}`]: list })),
    values.chain((list) =>
      fc.subarray(list).map((added) => ({ [`$setElementOrder/${name}`]: list, [name]: added })),
    ),
  )
}

function elementChanges(
  field: FieldSchema,
  key: string,
  depth: number,
): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const { name } = field
  const changed = keyed(field, { key, depth, make: patchOf })
  const gone = changed.map((item) => ({ [key]: item[key], $patch: 'delete' }) as JsonObject)
  const changes = unique(seldom(changed, gone), (item) => item[key], 1)
  const fresh = unique(keyed(field, { key, depth, make: objectOf }), (item) => item[key])
  return fc.oneof(
    { weight: 4, arbitrary: changes.map((list) => ({ [name]: list })) },
    { weight: 3, arbitrary: ordered(changes, { name, key }) },
    { weight: 1, arbitrary: fresh.map((list) => ({ [name]: [...list, { $patch: 'replace' }] })) },
    { weight: 1, arbitrary: fc.constant({ [name]: null }) },
  )
}

/** Changes with an order for the whole list, which names what is changed, in this order. */
function ordered(
  changes: fc.Arbitrary<JsonObject[]>,
  { name, key }: { readonly name: string; readonly key: string },
): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  return fc.tuple(changes, fc.boolean()).map(([list, isReversed]) => {
    const order = list
      .filter((item) => item.$patch !== 'delete')
      .map((item) => ({ [key]: item[key] }))
    return {
      [name]: list,
      [`$setElementOrder/${name}`]: isReversed ? order.reverse() : order,
    }
  })
}

/** An object of the kind, and a patch of it. */
export function objectAndPatch(
  resource: Resource,
): fc.Arbitrary<readonly [object: JsonObject, patch: JsonObject]> {
  const [model, meta] = [modelSchema(resource.kind), modelSchema('ObjectMeta')]
  const changes = (of: ModelSchema) => membersOf(of, depthMax, { field: changesOf })
  return fc
    .record({
      object: objectOf(model, depthMax),
      metadata: objectOf(meta, depthMax),
      patch: changes(model),
      metadataPatch: changes(meta),
    })
    .map(({ object, metadata, patch, metadataPatch }) => {
      const identity = { apiVersion: apiVersionOf(resource), kind: resource.kind }
      const whole = { ...identity, ...object, metadata: { ...metadata, name: 'one' } }
      return [whole as JsonObject, { ...patch, metadata: metadataPatch }] as const
    })
}
