import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts'
import { elementOf, elementsByPath } from './compare.ts'
import {
  type ElementwiseType,
  type FieldType,
  isByElement,
  leafType,
  memberType,
  type StructType,
} from './field-type.ts'

type List = readonly JsonValue[]
type Value = JsonValue | undefined

/** A live object with all that a config sets (H-15); neither is changed. */
export function mergeObjects(type: StructType, live: JsonObject, config: JsonObject): JsonObject {
  return mergeMembers(type, live, config)
}

function mergeMembers(type: FieldType, live: JsonObject, config: JsonObject): JsonObject {
  const members = new Map(Object.entries(live))
  for (const [name, value] of Object.entries(config)) {
    // What has no type is the object's identity: the config's word counts.
    const member = memberType(type, name) ?? leafType
    members.set(name, mergeValues(member, members.get(name), value))
  }
  return Object.fromEntries(members)
}

function mergeValues(type: FieldType, live: Value, config: Value): Value {
  if (config === undefined) return live
  if (type.kind === 'leaf' || live === undefined || live === null) return config
  if (isByElement(type)) {
    if (!Array.isArray(live)) return config
    return Array.isArray(config) ? mergeLists(type, live, config) : live
  }
  if (!isJsonObject(live)) return config
  if (isJsonObject(config)) return mergeMembers(type, live, config)
  return type.kind === 'deduced' ? config : live
}

/**
 * Elements of both, in the config's order; those that are only live keep their place before what
 * followed them.
 */
function mergeLists(type: ElementwiseType, live: List, config: List): List {
  if (config.length === 0) return live
  const lives = elementsByPath(type, live)
  const wanted = config.map((item) => ({ item, element: elementOf(type, item) }))
  const elements = new Set(wanted.map(({ element }) => element))
  const merged: JsonValue[] = []
  let next = 0
  /** Up to and with the next element that is also live; which one that is. */
  const nextShared = () => wanted.findIndex(({ element }, i) => i >= next && lives.has(element))
  const take = (end: number) => {
    for (const { item, element } of wanted.slice(next, end)) {
      merged.push(mergeItem(type, lives.get(element) ?? [], item))
    }
    next = end
  }
  for (const item of live) {
    const element = elementOf(type, item)
    if (!elements.has(element)) merged.push(item)
    else if (wanted[nextShared()]?.element === element) take(nextShared() + 1)
  }
  take(wanted.length)
  return merged
}

/** What is there more than once cannot be merged: the config's element takes its place. */
function mergeItem(type: ElementwiseType, live: List, item: JsonValue): JsonValue {
  if (type.kind !== 'list-map' || live.length !== 1) return item
  return mergeValues(type.element, live[0], item) as JsonValue
}
