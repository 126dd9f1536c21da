import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts'
import { isReplacedWhole } from '../list-types.ts'
import type { ModelSchema } from '../schema.ts'
import { badRequest } from '../status-error.ts'
import { mergeKeyOf } from './merge-keys.ts'
import {
  badOrder,
  instructionText,
  type ListContext,
  mergeList,
  mergeListInOrder,
  removeValues,
  withoutDirectives,
  withoutNulls,
} from './merge-list.ts'

const deletePrefix = '$deleteFromPrimitiveList/'
const orderPrefix = '$setElementOrder/'
const retainKeys = '$retainKeys'
const directive = '$patch'

type Members = Map<string, JsonValue | undefined>

/**
 * Strategic merge patch (H-13, H-14): maps are merged, the lists of `merge-keys.ts` too, other
 * lists replaced; `model` is the model of `original`, and nested objects are followed through the
 * schema. What does not change is shared with `original`, and a patch that changes nothing returns
 * `original` itself. Throws 400 for a malformed patch.
 *
 * Faithful to upstream in its corners: a map or list that is new to the object keeps its
 * `$retainKeys` and other list directives, which decoding then reports as unknown fields.
 */
export function strategicMergePatch(
  original: JsonObject,
  patch: JsonObject,
  model: ModelSchema | undefined,
): JsonObject {
  const instruction = patch[directive]
  if (instruction !== undefined) return replaceOrDelete(patch, instruction)
  const members: Members = new Map(Object.entries(original))
  const changes: Members = new Map(Object.entries(patch))
  dropOthers(members, changes)
  for (const name of Object.keys(patch)) {
    if (name.startsWith(orderPrefix)) mergeOrdered(members, changes, { name, model })
  }
  for (const [name, value] of changes) mergeMember(members, name, { value, model })
  return isSame(original, members) ? original : Object.fromEntries(members)
}

function replaceOrDelete(patch: JsonObject, instruction: JsonValue): JsonObject {
  if (instruction === 'delete') return {}
  if (instruction !== 'replace') {
    const members = Object.keys(patch).sort().join(' ')
    throw badRequest(`unknown patch type: ${instructionText(instruction)} in map: ${members}`)
  }
  const { [directive]: _, ...rest } = patch
  return rest
}

function isSame(original: JsonObject, members: Members): boolean {
  if (Object.keys(original).length !== members.size) return false
  for (const [name, value] of members) {
    if (!Object.hasOwn(original, name) || original[name] !== value) return false
  }
  return true
}

/** `$retainKeys`: members that it does not list go; the patch may only set those that it lists. */
function dropOthers(members: Members, changes: Members): void {
  const kept = changes.get(retainKeys)
  if (kept === undefined) return
  changes.delete(retainKeys)
  if (!Array.isArray(kept)) throw badRequest('invalid patch format of retainKeys')
  for (const [name, value] of changes) {
    const isDirective = name.startsWith(deletePrefix) || name.startsWith(orderPrefix)
    if (value !== null && !isDirective && !kept.includes(name)) {
      throw badRequest('invalid patch format of retainKeys')
    }
  }
  for (const name of [...members.keys()]) if (!kept.includes(name)) members.delete(name)
}

/** `$setElementOrder/FIELD`: merges the list, then gives its elements the order asked for. */
function mergeOrdered(
  members: Members,
  changes: Members,
  { name, model }: { readonly name: string; readonly model: ModelSchema | undefined },
): void {
  const field = name.slice(orderPrefix.length)
  const order = changes.get(name)
  const before = members.get(field)
  const patch = changes.get(field)
  changes.delete(name)
  changes.delete(field)
  if (!Array.isArray(order)) throw badOrder()
  if (before !== undefined && !Array.isArray(before)) throw badOrder()
  if (patch !== undefined && !Array.isArray(patch)) throw badOrder()
  if (before === undefined && patch === undefined) return
  const context = listContext(model, field)
  members.set(field, mergeListInOrder({ before, patch, order }, context))
}

function listContext(model: ModelSchema | undefined, field: string): ListContext {
  const elementModel = modelOf(model, field)
  return {
    mergeKey: mergeKeyOf(model?.name, field),
    mergeElement: (before, patch) => strategicMergePatch(before, patch, elementModel),
  }
}

function mergeMember(
  members: Members,
  name: string,
  {
    value,
    model,
  }: { readonly value: JsonValue | undefined; readonly model: ModelSchema | undefined },
): void {
  const isDeletion = name.startsWith(deletePrefix)
  const field = isDeletion ? name.slice(deletePrefix.length) : name
  if (value === undefined) return
  if (value === null) {
    members.delete(field)
    return
  }
  const before = members.get(field)
  if (isDeletion) {
    if (Array.isArray(before)) members.set(field, removeValues(before, value))
    return
  }
  if (isJsonObject(before) && isJsonObject(value)) {
    if (isReplacedWhole(model?.name, name)) members.set(field, value)
    else members.set(field, strategicMergePatch(before, value, modelOf(model, field)))
  } else if (Array.isArray(before) && Array.isArray(value)) {
    members.set(field, mergeList(before, value, listContext(model, field)))
  } else {
    replaceMember(members, field, value)
  }
}

function replaceMember(members: Members, field: string, value: JsonValue): void {
  const after = withoutDirectives(withoutNulls(value))
  if (after === undefined) members.delete(field)
  else members.set(field, after)
}

/** The model of a field's value or of its elements, undefined outside the schema. */
function modelOf(model: ModelSchema | undefined, field: string): ModelSchema | undefined {
  const element = model?.fields.get(field)?.element
  return typeof element === 'object' ? element : undefined
}
