import { isAtomicMap, isAtomicModel, isGranular, keyDefaultOf, listTypeOf } from '../list-types.ts'
import {
  type FieldSchema,
  type ModelSchema,
  modelNameOf,
  modelSchema,
  type Scalar,
} from '../schema.ts'

/** One member of the key of a list's elements. */
export interface ListKey {
  readonly name: string
  /** What it is in an element that leaves it out. */
  readonly fallback: string | number
}

/**
 * How fields are owned and merged: a `leaf` as one value (scalars, atomic lists, maps and structs);
 * `deduced` by what is there (free-form JSON: objects by member, the rest as leaves); the others
 * part by part.
 */
export type FieldType =
  | { readonly kind: 'leaf' | 'deduced' }
  | StructType
  | { readonly kind: 'map'; readonly element: FieldType }
  | ElementwiseType

/** A list that is owned element by element. */
export type ElementwiseType = ListMapType | { readonly kind: 'set' }

export interface StructType {
  readonly kind: 'struct'
  readonly fields: ReadonlyMap<string, FieldType>
}

export interface ListMapType {
  readonly kind: 'list-map'
  readonly keys: readonly ListKey[]
  readonly element: FieldType
}

export const leafType: FieldType = { kind: 'leaf' }
export const deducedType: FieldType = { kind: 'deduced' }
const setType: FieldType = { kind: 'set' }

const structs = new Map<string, StructType>()

function structOf(model: ModelSchema): StructType {
  const known = structs.get(model.name)
  if (known) return known
  const fields = new Map<string, FieldType>()
  const type: StructType = { kind: 'struct', fields }
  structs.set(model.name, type)
  for (const field of model.fields.values()) fields.set(field.name, typeOfField(model, field))
  return type
}

function typeOfElement(element: Scalar | ModelSchema): FieldType {
  if (typeof element === 'string') return element === 'any' ? deducedType : leafType
  return isAtomicModel(element.name) ? leafType : structOf(element)
}

function typeOfField(model: ModelSchema, field: FieldSchema): FieldType {
  const { name, shape, element } = field
  switch (shape) {
    case 'one':
      return isGranular(model.name, name) && typeof element === 'object'
        ? structOf(element)
        : typeOfElement(element)
    case 'list':
      return typeOfList(model, field)
    case 'map':
      return isAtomicMap(model.name, name)
        ? leafType
        : { kind: 'map', element: typeOfElement(element) }
    case 'map-of-lists':
      return { kind: 'map', element: leafType }
  }
}

function typeOfList(model: ModelSchema, { name, element }: FieldSchema): FieldType {
  const list = listTypeOf(model.name, name)
  if (list.type !== 'map') return list.type === 'set' ? setType : leafType
  const zeroOf = (key: string) => {
    const field = typeof element === 'object' ? element.fields.get(key) : undefined
    return field?.element === 'int32' ? 0 : ''
  }
  const keys = list.keys.map((key) => ({
    name: key,
    fallback: keyDefaultOf(model.name, name, key) ?? zeroOf(key),
  }))
  return { kind: 'list-map', keys, element: typeOfElement(element) }
}

/** Of an object's metadata nobody owns these: they say what it is, or are the server's. */
export const ownerlessMetadata: ReadonlySet<string> = new Set([
  'creationTimestamp',
  'generation',
  'managedFields',
  'name',
  'namespace',
  'resourceVersion',
  'selfLink',
  'uid',
])

const objects = new Map<string, StructType>()

/**
 * The type of the objects of a model, without the fields that nobody ever owns: so these are never
 * in a field set, and whoever merges takes them whole.
 */
export function objectType(modelName: string): StructType {
  const known = objects.get(modelName)
  if (known) return known
  const fields = new Map(structOf(modelSchema(modelName)).fields)
  const metadata = new Map(structOf(modelSchema('ObjectMeta')).fields)
  for (const name of ownerlessMetadata) metadata.delete(name)
  fields.delete('apiVersion')
  fields.delete('kind')
  fields.set('metadata', { kind: 'struct', fields: metadata })
  const type: StructType = { kind: 'struct', fields }
  objects.set(modelName, type)
  return type
}

/** The type of an object, by the version it is in. */
export function typeOfObject({
  apiVersion,
  kind,
}: {
  readonly apiVersion: string
  readonly kind: string
}): StructType {
  return objectType(modelNameOf(apiVersion, kind))
}

/** The type of a member of a struct or map. Undefined for a field that the struct has not. */
export function memberType(type: FieldType, name: string): FieldType | undefined {
  if (type.kind === 'struct') return type.fields.get(name)
  return type.kind === 'map' ? type.element : deducedType
}

export function isByMember({ kind }: FieldType): boolean {
  return kind === 'struct' || kind === 'map' || kind === 'deduced'
}

export function isByElement(type: FieldType): type is ElementwiseType {
  return type.kind === 'set' || type.kind === 'list-map'
}
