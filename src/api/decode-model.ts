import { decodeScalar, describeJson, ScalarError, setOwn } from './decode-scalar.ts'
import { isJsonObject, type JsonObject } from './json.ts'
import { type FieldSchema, goTypeOf, type ModelSchema, type Scalar } from './schema.ts'

/** A value that does not fit its model; the message is what Go's decoder says. */
export class ModelError extends Error {
  override readonly name = 'ModelError'
}

/** Zero of the scalars that Go leaves out when they are zero. */
const zeroScalars: Partial<Readonly<Record<Scalar, readonly unknown[]>>> = {
  string: [''],
  int32: [0],
  int64: [0],
  double: [0],
  boolean: [false],
  'int-or-string': [0, ''],
}

const emptyList = Object.freeze([])
const emptyMap: JsonObject = Object.freeze({})

/** A field, and what it is written as when it is absent; undefined if it stays away. */
interface Slot {
  readonly field: FieldSchema
  readonly name: string
  readonly zero: unknown
}

const slotsByModel = new WeakMap<ModelSchema, readonly Slot[]>()

/** A model's fields in its order, made once: there are far more fields than an object has. */
function slotsOf(schema: ModelSchema): readonly Slot[] {
  const known = slotsByModel.get(schema)
  if (known) return known
  const slots = [...schema.fields.values()].map((field) => {
    return { field, name: field.name, zero: computeZero(field) }
  })
  slotsByModel.set(schema, slots)
  return slots
}

function computeZero(field: FieldSchema): unknown {
  if (field.shape === 'list') return field.required ? emptyList : undefined
  if (field.shape !== 'one') return field.required ? emptyMap : undefined
  if (field.isPointer) return undefined
  if (field.element === 'quantity') return '0'
  if (typeof field.element === 'object') return zeroElement(field.element)
  return field.isAlwaysWritten ? zeroScalars[field.element]?.[0] : undefined
}

/** What null means as a member of a list or a map. */
function zeroElement(element: Scalar | ModelSchema): unknown {
  if (typeof element === 'object') return decodeModel(element, {}).value
  return element === 'quantity' ? '0' : (zeroScalars[element]?.[0] ?? null)
}

function isLeftOut(field: FieldSchema, value: unknown): boolean {
  if (field.isAlwaysWritten) return false
  if (field.shape === 'list') return (value as readonly unknown[]).length === 0
  if (field.shape !== 'one') return Object.keys(value as object).length === 0
  if (field.isPointer || typeof field.element === 'object') return false
  return zeroScalars[field.element]?.includes(value) === true
}

class ModelDecoder {
  hasUnknown = false
  /** Go struct of the innermost field, and the fields on the way to it: the context of errors. */
  #struct = ''
  readonly #fields: string[] = []

  /** `known` is canonical: a part of the value that is the very same part of it is so, too. */
  model(schema: ModelSchema, value: unknown, known?: unknown): object {
    if (!isJsonObject(value)) throw this.#mismatch(describeJson(value), `v1.${schema.goName}`)
    const outer = this.#struct
    const result: Record<string, unknown> = {}
    const before = isJsonObject(known) ? known : emptyMap
    let count = 0
    for (const { field, name, zero } of slotsOf(schema)) {
      const member = value[name]
      if (member === undefined) {
        if (zero !== undefined) result[name] = zero
        continue
      }
      count += 1
      this.#struct = schema.goName
      const decoded = this.#memberOf(field, member, before[name])
      const written = decoded === undefined || isLeftOut(field, decoded) ? zero : decoded
      if (written !== undefined) result[name] = written
    }
    this.#struct = outer
    this.#noteUnknown(value, count)
    return Object.freeze(result)
  }

  #noteUnknown(value: object, known: number): void {
    const members = Object.values(value)
    if (members.length === known) return
    if (members.filter((member) => member !== undefined).length > known) this.hasUnknown = true
  }

  #memberOf(field: FieldSchema, value: unknown, known: unknown): unknown {
    if (value === null) return undefined
    if (value === known) return known
    this.#fields.push(field.name)
    const decoded = this.#field(field, value, known)
    this.#fields.pop()
    return decoded
  }

  #field(field: FieldSchema, value: unknown, known: unknown): unknown {
    switch (field.shape) {
      case 'one':
        return this.#element(field, value, known)
      case 'list':
        return this.#list(field, value, known)
      case 'map':
        return this.#map(field, value, (member) => this.#member(field, member))
      case 'map-of-lists':
        return this.#map(field, value, (member) => this.#list(field, member))
    }
  }

  #element({ element, goType }: FieldSchema, value: unknown, known?: unknown): unknown {
    if (typeof element === 'object') return this.model(element, value, known)
    return decodeScalar(element, value, (described) => {
      throw this.#mismatch(described, goType)
    })
  }

  /** Of a list or a map, where null is zero. */
  #member(field: FieldSchema, value: unknown, known?: unknown): unknown {
    if (value === null || value === undefined) return zeroElement(field.element)
    return value === known ? known : this.#element(field, value, known)
  }

  /** A list, or one of the lists in a map. */
  #list(field: FieldSchema, value: unknown, known?: unknown): readonly unknown[] {
    if (!Array.isArray(value)) {
      const goType = field.shape === 'list' ? goTypeOf(field) : `[]${field.goType}`
      throw this.#mismatch(describeJson(value), goType)
    }
    const before = Array.isArray(known) ? known : emptyList
    return Object.freeze(value.map((member, i) => this.#member(field, member, before[i])))
  }

  #map(field: FieldSchema, value: unknown, decode: (member: unknown) => unknown): object {
    if (!isJsonObject(value)) throw this.#mismatch(describeJson(value), goTypeOf(field))
    const result: Record<string, unknown> = {}
    for (const [key, member] of Object.entries(value)) {
      if (member !== undefined) setOwn(result, key, decode(member))
    }
    return Object.freeze(result)
  }

  #mismatch(described: string, goType: string): ModelError {
    const target =
      this.#struct === '' ? 'Go value' : `Go struct field ${this.#struct}.${this.#fields.join('.')}`
    return new ModelError(`json: cannot unmarshal ${described} into ${target} of type ${goType}`)
  }
}

export interface DecodedModel {
  readonly value: object
  /** Whether fields were dropped because the model has none of that name. */
  readonly hasUnknown: boolean
}

/**
 * A frozen copy of `value` in the form in which Go would write it back: members in the model's
 * order, scalars canonical, null and (where absence means the same) zero and empty left out,
 * required scalars and lists and structs held by value filled in, unknown fields dropped. `known`
 * is an earlier value of the model in that form: what of `value` is the same member of it is taken
 * as it is, without a look inside. Nothing else of `value` is aliased. Throws ModelError.
 */
export function decodeModel(schema: ModelSchema, value: unknown, known?: object): DecodedModel {
  const decoder = new ModelDecoder()
  try {
    return { value: decoder.model(schema, value, known), hasUnknown: decoder.hasUnknown }
  } catch (error) {
    throw error instanceof ScalarError ? new ModelError(error.message) : error
  }
}
