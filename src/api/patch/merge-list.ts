import { isJsonObject, type JsonObject, type JsonValue, stringifyJson } from '../json.ts'
import { badRequest } from '../status-error.ts'

type List = readonly JsonValue[]

/** How one list of the schema is merged. */
export interface ListContext {
  /**
   * The member that identifies an element, '' for plain values, undefined when the list is replaced
   * whole.
   */
  readonly mergeKey: string | undefined
  mergeElement(before: JsonObject, patch: JsonObject): JsonObject
}

/**
 * The list after a patch without `$setElementOrder`: the patch's elements take its order, others
 * keep theirs.
 */
export function mergeList(before: List, patch: List, context: ListContext): List {
  const { mergeKey } = context
  if (mergeKey === undefined) return patch
  if (patch.length === 0) return before
  const { merged, kept, changes } = mergeElements(before, patch, context)
  return sameOr(before, arrange(merged, { order: changes, reference: kept, mergeKey }))
}

/** `$setElementOrder`: as `mergeList`, but the elements that `order` names take its order. */
export function mergeListInOrder(
  lists: { readonly before?: List | undefined; readonly patch?: List | undefined; order: List },
  context: ListContext,
): List {
  const { before = [], patch = [], order } = lists
  const { mergeKey = '' } = context
  if (before.length + patch.length === 0) {
    throw badRequest('no elements in any of the given slices')
  }
  const isOfMaps = [...before, ...patch].some(isJsonObject)
  if (isOfMaps && mergeKey === '') throw badOrder()
  checkOrder(patch, order, mergeKey)
  const { merged, reference } = mergeFound(lists, context)
  return sameOr(before, arrange(merged, { order, reference, mergeKey }))
}

/**
 * `reference` is where upstream takes the elements to have stood. It deletes in place, so an
 * element that is new to the list stands where a deleted one left room.
 */
function mergeFound(
  { before, patch }: { readonly before?: List | undefined; readonly patch?: List | undefined },
  context: ListContext,
): { readonly merged: List; readonly reference: List } {
  if (before === undefined) {
    return { merged: withoutDirectives(patch ?? []) as List, reference: [] }
  }
  if (patch === undefined || patch.length === 0) return { merged: before, reference: before }
  if (context.mergeKey === undefined) return { merged: patch, reference: before }
  const { merged, isReplaced } = mergeElements(before, patch, context)
  return { merged, reference: isReplaced ? before : merged.slice(0, before.length) }
}

/** `$deleteFromPrimitiveList`: the list without the given values. */
export function removeValues(before: List, values: JsonValue): List {
  if (!Array.isArray(values)) throw badRequest('invalid patch format of primitive list')
  const gone = new Set(values)
  return before.some((value) => gone.has(value))
    ? before.filter((value) => !gone.has(value))
    : before
}

/** A value new to the object without its nulls: there is nothing for them to delete. */
export function withoutNulls(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(
    members.map(([name, member]) => [name, member === undefined ? member : withoutNulls(member)]),
  )
}

/**
 * A value new to the object without the maps in it that hold a `$patch`; undefined when it is one
 * itself.
 */
export function withoutDirectives(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) {
    return value.map(withoutDirectives).filter((item) => item !== undefined)
  }
  if (!isJsonObject(value)) return value
  if (Object.hasOwn(value, '$patch')) return undefined
  const members = Object.entries(value).map(
    ([name, member]) => [name, withoutDirectives(member)] as const,
  )
  return Object.fromEntries(members.filter(([, member]) => member !== undefined))
}

function sameOr(before: List, after: List): List {
  const isSame = before.length === after.length && before.every((item, i) => item === after[i])
  return isSame ? before : after
}

function checkElements(...lists: readonly List[]): void {
  const kinds = new Set(lists.flat().map((item) => (isJsonObject(item) ? 'map' : typeof item)))
  if (lists.flat().some(Array.isArray)) throw badRequest('lists of lists are not supported')
  if (kinds.size > 1) throw badRequest('list element types are not identical')
}

function keyOf(item: JsonValue | undefined, mergeKey: string): JsonValue {
  const key = isJsonObject(item) ? item[mergeKey] : undefined
  if (key !== undefined) return key
  const members = isJsonObject(item) ? Object.keys(item).sort().join(' ') : ''
  throw badRequest(`map: map[${members}] does not contain declared merge key: ${mergeKey}`)
}

export function badOrder(): Error {
  return badRequest('invalid patch format of setElementOrder list')
}

/** A `$patch` in an error text: it may be any JSON. */
export function instructionText(instruction: JsonValue): string {
  return typeof instruction === 'string' ? instruction : stringifyJson(instruction)
}

/** Carries out the elements of the patch that hold a `$patch`. */
function applyElementDirectives(
  before: List,
  patch: List,
  mergeKey: string,
): Omit<Merged, 'merged'> {
  let kept = before
  const changes: JsonValue[] = []
  let isReplaced = false
  for (const item of patch as readonly JsonObject[]) {
    const instruction = item.$patch
    if (instruction === undefined) changes.push(item)
    else if (instruction === 'replace') isReplaced = true
    else if (instruction === 'delete') {
      const key = keyOf(item, mergeKey)
      kept = kept.filter((other) => keyOf(other, mergeKey) !== key)
    } else if (instruction === 'merge') {
      throw badRequest('merging lists cannot yet be specified in the patch')
    } else throw badRequest(`unknown patch type: ${instructionText(instruction)} in map`)
  }
  return { kept, changes, isReplaced }
}

interface Merged {
  /** What is left of the list, then what the patch adds. */
  readonly merged: List
  readonly kept: List
  /** The patch without the elements that hold a `$patch`. */
  readonly changes: List
  readonly isReplaced: boolean
}

function mergeElements(before: List, patch: List, context: ListContext): Merged {
  const { mergeKey = '' } = context
  checkElements(before, patch)
  if (mergeKey === '') {
    const merged = [...new Set([...before, ...patch])]
    return { merged, kept: before, changes: patch, isReplaced: false }
  }
  const { kept, changes, isReplaced } = applyElementDirectives(before, patch, mergeKey)
  if (isReplaced) return { merged: changes, kept: changes, changes: [], isReplaced }
  const merged = [...kept]
  for (const change of changes) {
    const key = keyOf(change, mergeKey)
    const index = merged.findIndex((item) => isJsonObject(item) && item[mergeKey] === key)
    if (index < 0) merged.push(change)
    else merged[index] = context.mergeElement(merged[index] as JsonObject, change as JsonObject)
  }
  return { merged, kept, changes, isReplaced }
}

/**
 * The elements that the patch keeps must stand in `order`, and in the same sequence. As upstream
 * has it, the element that says `replace` may stand anywhere but behind the last of the order.
 */
function checkOrder(patch: List, order: List, mergeKey: string): void {
  if (patch.length === 0 || order.length === 0) return
  const wanted = order.map((item) => identityOf(item, mergeKey))
  const kept = patch.filter((item) => !isJsonObject(item) || item.$patch !== 'delete')
  let position = 0
  const isInOrder = kept.every((item) => {
    if (position === wanted.length) return false
    if (isJsonObject(item) && Object.hasOwn(item, '$patch')) return true
    const found = wanted.indexOf(identityOf(item, mergeKey), position)
    position = found < 0 ? wanted.length : found + 1
    return found >= 0
  })
  if (isInOrder) return
  const texts = [patch, order].map((list) => JSON.stringify(list))
  throw badRequest(
    `The order in patch list:\n${texts[0]}\n doesn't match $setElementOrder list:\n${texts[1]}\n`,
  )
}

interface Arrangement {
  /** The elements that the patch names, in its order. */
  readonly order: List
  /** The list as it was: where the other elements stand. */
  readonly reference: List
  readonly mergeKey: string
}

/**
 * Elements named in `order` follow it; the others keep their places between them as far as the two
 * orders agree.
 */
function arrange(merged: List, { order, reference, mergeKey }: Arrangement): List {
  const wanted = positionsIn(order, mergeKey)
  const stood = positionsIn(reference, mergeKey)
  const place = (positions: Positions, item: JsonValue) =>
    positions.get(identityOf(item, mergeKey)) ?? Number.MAX_SAFE_INTEGER
  const isNamed = (item: JsonValue) => wanted.has(identityOf(item, mergeKey))
  const named = merged.filter(isNamed).sort((a, b) => place(wanted, a) - place(wanted, b))
  const others = merged
    .filter((item) => !isNamed(item))
    .sort((a, b) => place(stood, a) - place(stood, b))
  const arranged: JsonValue[] = []
  for (const item of named) {
    if (stood.has(identityOf(item, mergeKey))) {
      const before = others.findIndex((other) => place(stood, other) >= place(stood, item))
      arranged.push(...others.splice(0, before < 0 ? others.length : before))
    }
    arranged.push(item)
  }
  return [...arranged, ...others]
}

type Positions = ReadonlyMap<JsonValue, number>

function positionsIn(list: List, mergeKey: string): Positions {
  const positions = new Map<JsonValue, number>()
  list.forEach((item, index) => {
    const identity = identityOf(item, mergeKey)
    if (!positions.has(identity)) positions.set(identity, index)
  })
  return positions
}

function identityOf(item: JsonValue, mergeKey: string): JsonValue {
  return mergeKey === '' ? item : keyOf(item, mergeKey)
}
