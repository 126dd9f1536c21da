import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts'
import { elementOf } from './compare.ts'
import { below, type FieldSet, hasElement } from './field-set.ts'
import { type FieldType, isByElement, memberType, type StructType } from './field-type.ts'
import { memberElement } from './path-element.ts'

/** The object without the fields of a set; a map or list that loses all it has is gone too. */
export function removeFields(type: StructType, object: JsonObject, set: FieldSet): JsonObject {
  return (removeMembers(type, object, set) ?? {}) as JsonObject
}

function removeMembers(type: FieldType, object: JsonObject, set: FieldSet): JsonObject | undefined {
  const kept: [string, JsonValue | undefined][] = []
  for (const [name, value] of Object.entries(object)) {
    const element = memberElement(name)
    if (hasElement(set, element)) continue
    const inside = below(set, element)
    const member = inside && memberType(type, name)
    const rest = member && inside ? removeFrom(member, value, inside) : value
    if (rest !== undefined) kept.push([name, rest])
  }
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

function removeFrom(
  type: FieldType,
  value: JsonValue | undefined,
  set: FieldSet,
): JsonValue | undefined {
  if (isJsonObject(value)) return removeMembers(type, value, set)
  if (!Array.isArray(value) || !isByElement(type)) return value
  const kept = value.flatMap((item: JsonValue) => {
    const element = elementOf(type, item)
    if (hasElement(set, element)) return []
    const inside = below(set, element)
    if (!inside || type.kind !== 'list-map') return [item]
    return [removeFrom(type.element, item, inside) ?? null]
  })
  return kept.length === 0 ? undefined : kept
}
