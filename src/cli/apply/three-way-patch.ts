import { isJsonObject, type JsonObject, type JsonValue } from '../../api/json.ts'
import { isReplacedWhole } from '../../api/list-types.ts'
import { jsonEqual } from '../../api/patch/json-equal.ts'
import { mergeKeyOf } from '../../api/patch/merge-keys.ts'
import type { ModelSchema } from '../../api/schema.ts'

/**
 * Maps of which a patch must say what stays, as the members that belong together change (upstream's
 * patch strategy `retainKeys`): by `Model.field`; of a list, each element.
 */
const retained = new Set(['DeploymentSpec.strategy', 'PodSpec.volumes'])

export interface Versions {
  /** As it was applied the last time. */
  readonly original: JsonObject
  /** As it is to be. */
  readonly modified: JsonObject
  /** As the server has it. */
  readonly current: JsonObject
}

type Patch = Record<string, JsonValue>

/**
 * What must be sent so that `current` becomes as `modified`: fields that the last manifest had and
 * this one has not are removed, fields that neither has are left alone (H-13). With a model it is
 * a strategic merge patch, without one a JSON merge patch. `{}`: nothing.
 */
export function threeWayPatch(versions: Versions, model: ModelSchema | undefined): JsonObject {
  const { original, modified, current } = versions
  const patch: Patch = {}
  for (const [name, value] of Object.entries(modified)) {
    if (value === undefined) continue
    const field = { name, model, original: original[name], modified: value, current: current[name] }
    Object.assign(patch, memberPatch(field))
  }
  for (const name of Object.keys(original)) {
    if (modified[name] === undefined) patch[name] = null
  }
  return patch
}

interface Field {
  readonly name: string
  readonly model: ModelSchema | undefined
  readonly original: JsonValue | undefined
  readonly modified: JsonValue
  readonly current: JsonValue | undefined
}

/** What one member contributes to the patch: nothing, itself, or with a list its directives. */
function memberPatch(field: Field): JsonObject {
  const { name, model, original, modified, current } = field
  if (current === undefined) return { [name]: modified }
  const isWhole = isReplacedWhole(model?.name, name)
  if (isJsonObject(modified) && isJsonObject(current) && !isWhole) {
    const before = isJsonObject(original) ? original : {}
    const versions = { original: before, modified, current }
    const isRetained = retained.has(`${model?.name}.${name}`)
    const patch = elementPatch(versions, elementModel(model, name), isRetained)
    return Object.keys(patch).length === 0 ? {} : { [name]: patch }
  }
  const mergeKey = mergeKeyOf(model?.name, name)
  if (Array.isArray(modified) && Array.isArray(current) && mergeKey !== undefined) {
    const lists = { original: Array.isArray(original) ? original : [], modified, current }
    return mergeKey === ''
      ? valuesPatch(name, lists)
      : elementsPatch({ name, model, mergeKey }, lists)
  }
  return jsonEqual(modified, current) ? {} : { [name]: modified }
}

function elementPatch(
  versions: Versions,
  model: ModelSchema | undefined,
  isRetained: boolean,
): JsonObject {
  const patch = threeWayPatch(versions, model)
  if (!isRetained) return patch
  const { modified, current, original } = versions
  const kept = Object.keys(modified).filter((name) => modified[name] != null)
  const isDropping = [current, original].some((other) =>
    Object.keys(other).some((name) => modified[name] === undefined),
  )
  const isNeeded = kept.length > 0 && (Object.keys(patch).length > 0 || isDropping)
  return isNeeded ? { ...patch, $retainKeys: kept.sort() } : patch
}

type List = readonly JsonValue[]

interface Lists {
  readonly original: List
  readonly modified: List
  readonly current: List
}

/** A list of plain values, such as finalizers. */
function valuesPatch(name: string, { original, modified, current }: Lists): JsonObject {
  const added = modified.filter((value) => !current.includes(value))
  const removed = original.filter((value) => !modified.includes(value))
  const isChanged = !jsonEqual(current, modified) || removed.length > 0
  return {
    ...(added.length > 0 && { [name]: added }),
    ...(removed.length > 0 && { [`$deleteFromPrimitiveList/${name}`]: removed }),
    ...(isChanged && { [`$setElementOrder/${name}`]: modified }),
  }
}

interface ListField {
  readonly name: string
  readonly model: ModelSchema | undefined
  readonly mergeKey: string
}

/** A list of maps that a member identifies, such as containers by name. */
function elementsPatch(field: ListField, lists: Lists): JsonObject {
  const { name, mergeKey } = field
  const { original, modified, current } = lists
  const keyOf = (item: JsonValue) => (isJsonObject(item) ? item[mergeKey] : undefined)
  const find = (list: List, key: JsonValue | undefined) =>
    list.find((item) => jsonEqual(keyOf(item), key))
  const changes: JsonValue[] = []
  for (const item of modified) {
    const key = keyOf(item)
    const before = find(current, key)
    if (!isJsonObject(item) || !isJsonObject(before)) {
      changes.push(item)
      continue
    }
    const last = find(original, key)
    const versions = { original: isJsonObject(last) ? last : {}, modified: item, current: before }
    const isRetained = retained.has(`${field.model?.name}.${name}`)
    const patch = elementPatch(versions, elementModel(field.model, name), isRetained)
    if (Object.keys(patch).length > 0) changes.push({ ...patch, [mergeKey]: key })
  }
  const gone = original.map(keyOf).filter((key) => find(modified, key) === undefined)
  const deletions = gone.map((key) => ({ $patch: 'delete', [mergeKey]: key }))
  const all = [...changes, ...deletions]
  const order = modified.map((item) => ({ [mergeKey]: keyOf(item) }))
  const isSameOrder = jsonEqual(current.map(keyOf) as List, modified.map(keyOf) as List)
  return {
    ...(all.length > 0 && { [name]: all }),
    ...((all.length > 0 || !isSameOrder) && { [`$setElementOrder/${name}`]: order }),
  }
}

function elementModel(model: ModelSchema | undefined, field: string): ModelSchema | undefined {
  const element = model?.fields.get(field)?.element
  return typeof element === 'object' ? element : undefined
}
