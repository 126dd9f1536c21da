import { assert } from '../base/assert.ts'
import { modelRows } from './generated/schema.ts'
import {
  alwaysWritten,
  microTimes,
  namedTypes,
  pointers,
  quantities,
  structNames,
  values,
} from './schema-facts.ts'

export type Scalar =
  | 'string'
  | 'int32'
  | 'int64'
  | 'double'
  | 'boolean'
  | 'date-time'
  | 'micro-time'
  | 'bytes'
  | 'int-or-string'
  | 'quantity'
  | 'any'

export type Shape = 'one' | 'list' | 'map' | 'map-of-lists'

export interface FieldSchema {
  readonly name: string
  readonly shape: Shape
  /** The type of a scalar element, or the model of a structured one. */
  readonly element: Scalar | ModelSchema
  readonly required: boolean
  /** Absent and zero (or, of a struct, `{}`) are different values. */
  readonly isPointer: boolean
  /** Written even when zero or empty. */
  readonly isAlwaysWritten: boolean
  /** Go's name of the element's type, as error texts print it. */
  readonly goType: string
}

export interface ModelSchema {
  readonly name: string
  /** Name of the Go struct. */
  readonly goName: string
  readonly fields: ReadonlyMap<string, FieldSchema>
}

const goScalars: Readonly<Record<Scalar, string>> = {
  string: 'string',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  boolean: 'bool',
  'date-time': 'string',
  'micro-time': 'string',
  bytes: '[]uint8',
  'int-or-string': 'int32',
  quantity: 'resource.Quantity',
  any: 'interface {}',
}

type Row = readonly [name: string, type: string, shape: string, required: number]

function scalarOf(id: string, type: string): Scalar | undefined {
  if (quantities.has(id)) return 'quantity'
  if (microTimes.has(id)) return 'micro-time'
  return Object.hasOwn(goScalars, type) ? (type as Scalar) : undefined
}

function expandField(model: string, [name, type, shape, required]: Row): FieldSchema {
  const id = `${model}.${name}`
  const scalar = scalarOf(id, type)
  const element = scalar ?? expandModel(type)
  return {
    name,
    shape: shape as Shape,
    element,
    required: required === 1,
    isPointer: scalar === undefined ? !values.has(id) : pointers.has(id),
    isAlwaysWritten: required === 1 || alwaysWritten.has(id),
    goType:
      typeof element === 'string' ? (namedTypes.get(id) ?? goScalars[element]) : goStruct(element),
  }
}

function goStruct(model: ModelSchema): string {
  return `v1.${model.goName}`
}

const expanded = new Map<string, ModelSchema>()

function expandModel(name: string): ModelSchema {
  const known = expanded.get(name)
  if (known) return known
  const rows = Object.hasOwn(modelRows, name) ? modelRows[name] : undefined
  assert(rows, `no such model: ${name}`)
  const fields = new Map<string, FieldSchema>()
  const model: ModelSchema = { name, goName: structNames[name] ?? name, fields }
  expanded.set(name, model)
  for (const row of rows) fields.set(row[0], expandField(name, row as Row))
  return model
}

/** The schema of a model of `generated/types.ts`, by its name there. An unknown name is a bug. */
export function modelSchema(name: string): ModelSchema {
  return expandModel(name)
}

/** Go's name of the whole field's type: `[]v1.Container`, `map[string]string`. */
export function goTypeOf(field: FieldSchema): string {
  switch (field.shape) {
    case 'one':
      return field.goType
    case 'list':
      return `[]${field.goType}`
    case 'map':
      return field.element === 'quantity' ? 'v1.ResourceList' : `map[string]${field.goType}`
    case 'map-of-lists':
      return `map[string][]${field.goType}`
  }
}

/** Kinds that are served in a further version, by that version: its model has a name of its own. */
const modelsOfVersions: ReadonlyMap<string, string> = new Map([
  ['autoscaling/v1 HorizontalPodAutoscaler', 'HorizontalPodAutoscalerV1'],
])

/** The name of the model of a kind in a version. */
export function modelNameOf(apiVersion: string, kind: string): string {
  return modelsOfVersions.get(`${apiVersion} ${kind}`) ?? kind
}
