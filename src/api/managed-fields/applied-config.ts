import { decodeScalar, ScalarError } from '../decode-scalar.ts'
import { isJsonObject, type JsonObject, type JsonValue, stringifyJson } from '../json.ts'
import { type FieldSchema, type ModelSchema, modelSchema } from '../schema.ts'
import { badRequest, type StatusError } from '../status-error.ts'
import { elementOf } from './compare.ts'
import { type FieldType, isByElement, leafType, memberType, objectType } from './field-type.ts'
import { elementText } from './path-element.ts'

type Value = JsonValue | undefined

/**
 * An applied config in canonical scalars, and otherwise as it is: what it leaves out stays out.
 * Throws 400 in upstream's words (there a 500) for what the kind's schema does not have or takes
 * otherwise, and for a list with a key twice.
 */
export function checkConfig(modelName: string, config: JsonObject): JsonObject {
  const checker = new ConfigChecker()
  const checked = checker.model(modelSchema(modelName), objectType(modelName), config)
  if (checker.errors.length === 0) return checked
  throw notTyped(config, checker.errors)
}

/** As Go reads a text of a body whose types nobody has checked: anything else is none. */
const textOf = (value: JsonValue | undefined) => (typeof value === 'string' ? value : '')

/** What a body says it is, as upstream prints it: `apps/v1, Kind=Deployment`, `/v1, Kind=Pod`. */
export function typeText({ apiVersion, kind }: JsonObject): string {
  const version = textOf(apiVersion)
  return `${version.includes('/') ? version : `/${version}`}, Kind=${textOf(kind)}`
}

function notTyped(config: JsonObject, errors: readonly string[]): StatusError {
  const { namespace, name } = isJsonObject(config.metadata) ? config.metadata : {}
  const subject = `${textOf(namespace)}/${textOf(name)}; ${typeText(config)}`
  const why = errors.length === 1 ? errors[0] : ['errors:', ...errors].join('\n  ')
  return badRequest(`failed to create typed patch object (${subject}): ${why}`)
}

/** Go's word for the type of a JSON value. */
function goTypeOfValue(value: JsonValue): string {
  if (Array.isArray(value)) return '[]interface {}'
  if (isJsonObject(value)) return 'map[string]interface {}'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  return Number.isInteger(value) || typeof value === 'bigint' ? 'int64' : 'float64'
}

function unstructured(value: JsonValue): string {
  return `&value.valueUnstructured{Value:${stringifyJson(value)}}`
}

const expectations: Readonly<Record<string, (value: JsonValue) => string>> = {
  int32: (value) => `expected numeric (int or float), got ${goTypeOfValue(value)}`,
  int64: (value) => `expected numeric (int or float), got ${goTypeOfValue(value)}`,
  double: (value) => `expected numeric (int or float), got ${goTypeOfValue(value)}`,
  boolean: (value) => `expected boolean, got ${unstructured(value)}`,
}

class ConfigChecker {
  readonly errors: string[] = []
  readonly #path: string[] = []

  model(schema: ModelSchema, type: FieldType, value: JsonObject): JsonObject {
    const members = Object.entries(value).map(([name, member]): [string, Value] => {
      const field = schema.fields.get(name)
      const check = () => {
        if (field) return this.#field(field, memberType(type, name) ?? leafType, member)
        return this.#fail('field not declared in schema')
      }
      return [name, this.#at(`.${name}`, check)]
    })
    return Object.fromEntries(members)
  }

  #at(step: string, check: () => Value): Value {
    this.#path.push(step)
    const checked = check()
    this.#path.pop()
    return checked
  }

  #fail(why: string): undefined {
    this.errors.push(`${this.#path.join('')}: ${why}`)
    return undefined
  }

  #field(field: FieldSchema, type: FieldType, value: Value): Value {
    if (value === undefined || value === null) return value
    switch (field.shape) {
      case 'one':
        return this.#element(field, type, value)
      case 'list':
        return this.#list(field, type, value)
      case 'map': {
        const inner = type.kind === 'map' ? type.element : leafType
        return this.#map(value, (member) => this.#element(field, inner, member))
      }
      case 'map-of-lists':
        return this.#map(value, (member) => this.#list(field, leafType, member))
    }
  }

  #map(value: JsonValue, check: (member: JsonValue) => Value): Value {
    if (!isJsonObject(value)) return this.#fail(`expected map, got ${unstructured(value)}`)
    const members = Object.entries(value).map(([key, member]): [string, Value] => [
      key,
      this.#at(`.${key}`, () => (member == null ? member : check(member))),
    ])
    return Object.fromEntries(members)
  }

  #element({ element }: FieldSchema, type: FieldType, value: JsonValue): Value {
    if (value === null) return value
    if (typeof element === 'object') {
      if (isJsonObject(value)) return this.model(element, type, value)
      return this.#fail(`expected map, got ${unstructured(value)}`)
    }
    const expected = expectations[element] ?? (() => `expected string, got ${unstructured(value)}`)
    try {
      return decodeScalar(element, value, () => {
        throw new ScalarError(expected(value))
      }) as JsonValue
    } catch (error) {
      if (!(error instanceof ScalarError)) throw error
      return this.#fail(error.message)
    }
  }

  #list(field: FieldSchema, type: FieldType, value: JsonValue): Value {
    if (!Array.isArray(value)) return this.#fail(`expected list, got ${unstructured(value)}`)
    const seen = new Set<string>()
    return value.map((item: JsonValue, index) => {
      const step = isByElement(type) ? this.#listStep(type, { item, index, seen }) : `[${index}]`
      if (step === undefined) return null
      const inner = type.kind === 'list-map' ? type.element : leafType
      return this.#at(step, () => this.#element(field, inner, item)) ?? null
    })
  }

  /** The element's step, once; undefined after an error. */
  #listStep(
    type: Extract<FieldType, { readonly kind: 'list-map' | 'set' }>,
    { item, index, seen }: { readonly item: JsonValue; index: number; seen: Set<string> },
  ): string | undefined {
    const list = 'associative list with keys'
    if (type.kind === 'list-map' && !isJsonObject(item)) {
      const what = item === null ? 'a null element' : 'non-map elements'
      return this.#fail(`element ${index}: ${list} may not have ${what}`)
    }
    const step = elementText(elementOf(type, item))
    if (seen.has(step)) return this.#fail(`duplicate entries for key ${step}`)
    seen.add(step)
    return step
  }
}
