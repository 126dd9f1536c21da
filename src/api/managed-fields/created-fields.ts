import { deepFreeze, isJsonObject, type JsonValue } from '../json.ts'
import { jsonEqual } from '../patch/json-equal.ts'
import { compareObjects, elementOf } from './compare.ts'
import type { FieldSet } from './field-set.ts'
import { type FieldType, isByElement, isByMember, memberType, objectType } from './field-type.ts'

/** How many sets are remembered. */
const setsMax = 512

/** Sets of objects of a longer shape, in characters, are not remembered: few repeat. */
const shapeLengthMax = 8192

const sets = new Map<string, FieldSet>()

/**
 * The fields that a new object of a model has, beyond those of `bare`, which is the model's object
 * that says nothing. Objects that have the same fields, as the pods of one template, get the very
 * same frozen set: it is most of what there is of small objects, and is made and kept once.
 */
export function createdFields(modelName: string, bare: object, object: object): FieldSet {
  const type = objectType(modelName)
  const shape = `${modelName} ${shapeOf(type, object as JsonValue, bare as JsonValue)}`
  const known = sets.get(shape)
  if (known) return known
  const { changed } = compareObjects(type, bare, object)
  if (shape.length > shapeLengthMax) return changed
  const [oldest] = sets.size >= setsMax ? sets.keys() : []
  if (oldest !== undefined) sets.delete(oldest)
  sets.set(shape, deepFreeze(changed))
  return changed
}

type Value = JsonValue | undefined

/** A text that two values share only if the same fields of them differ from `bare`. */
function shapeOf(type: FieldType, value: Value, bare: Value): string {
  if (value === undefined) return ''
  if (type.kind === 'leaf') return bare === undefined || jsonEqual(value, bare) ? '' : '!'
  const bareMembers = isJsonObject(bare) ? bare : {}
  let shape = ''
  if (isJsonObject(value) && isByMember(type)) {
    for (const name of Object.keys(value)) {
      const member = value[name]
      const known = member === undefined ? undefined : memberType(type, name)
      if (known) shape += `${name.length}:${name}{${shapeOf(known, member, bareMembers[name])}}`
    }
  } else if (Array.isArray(value) && isByElement(type)) {
    for (const item of value) {
      const element = elementOf(type, item)
      const inside = type.kind === 'list-map' ? shapeOf(type.element, item, undefined) : ''
      shape += `${element.length}:${element}[${inside}]`
    }
  }
  return shape
}
