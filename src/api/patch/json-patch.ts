import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts'
import { badRequest, StatusError } from '../status-error.ts'
import { jsonEqual } from './json-equal.ts'
import { checkDepth, copyBytesMax, depthMax, jsonSize, unprocessable } from './patch-bounds.ts'

const operationsMax = 10_000

type Container = JsonObject | readonly JsonValue[]
/**
 * Puts a value in place of the one at `key`, or takes it away; `undefined` when that place is not
 * there.
 */
type Edit = (container: Container, key: string) => Container | undefined

interface Operation {
  readonly op: string
  readonly path: string
  readonly from: string
  readonly value: JsonValue | undefined
}

/**
 * JSON patch, RFC 6902: all operations or none. Nothing is changed in place; what no operation
 * touches is shared with `target`. Throws 400 for what is not a JSON patch, 413 for more than
 * 10,000 operations, 422 when one cannot be applied: a failed test, a path that is not there (K.4).
 */
export function jsonPatch(target: JsonObject, patch: JsonValue): JsonValue {
  if (!Array.isArray(patch)) {
    const text = 'cannot unmarshal object into Go value of type []handlers.jsonPatchOp'
    throw badRequest(`error decoding patch: json: ${text}`)
  }
  if (patch.length > operationsMax) {
    const text = `The allowed maximum operations in a JSON patch is ${operationsMax}, got ${patch.length}`
    throw new StatusError('RequestEntityTooLarge', `Request entity is too large: ${text}`)
  }
  const operations = patch.map(parseOperation)
  let document: JsonValue = target
  let copiedBytes = 0
  for (const operation of operations) {
    if (operation.op === 'copy') copiedBytes += copySize(document, operation, copiedBytes)
    document = applyOperation(document, operation)
  }
  return document
}

function parseOperation(value: JsonValue): Operation {
  if (!isJsonObject(value)) {
    const text = 'cannot unmarshal into Go value of type handlers.jsonPatchOp'
    throw badRequest(`error decoding patch: json: ${text}`)
  }
  const { op, path, from = '', value: operand } = value
  for (const [name, text] of Object.entries({ op, path, from })) {
    if (typeof text === 'string') continue
    throw badRequest(`error decoding patch: each operation needs a string ${JSON.stringify(name)}`)
  }
  return { op: op as string, path: path as string, from: from as string, value: operand }
}

function applyOperation(document: JsonValue, operation: Operation): JsonValue {
  const { op, path } = operation
  switch (op) {
    case 'add':
      return add(document, operation, operandOf(operation))
    case 'copy':
      return add(document, operation, sourceOf(document, operation))
    case 'move':
      return move(document, operation)
    case 'remove':
      return edit(document, path, removeMember) ?? fail(removeFailure(document, path))
    case 'replace':
      return replace(document, operation)
    case 'test':
      return test(document, operation)
    default:
      throw unprocessable(`Unexpected kind: ${op}`)
  }
}

function add(document: JsonValue, { op, path }: Operation, value: JsonValue): JsonValue {
  if (path === '') return value
  const place = op === 'add' ? `path: ${JSON.stringify(path)}` : `destination path: ${path}`
  const why = `${op} operation does not apply: doc is missing ${place}: missing value`
  return edit(document, path, insertMember(value)) ?? fail(why)
}

function move(document: JsonValue, operation: Operation): JsonValue {
  const { from, path } = operation
  const value = sourceOf(document, operation)
  if (from === path) return document
  if (path.startsWith(`${from}/`)) fail(`move operation does not apply: ${path} is inside ${from}`)
  const without = edit(document, from, removeMember) ?? fail(removeFailure(document, from))
  return add(without, operation, value)
}

function replace(document: JsonValue, operation: Operation): JsonValue {
  const { path } = operation
  const value = operandOf(operation)
  if (path === '') return value
  const isThere = valueAt(document, path) !== undefined
  const why = `replace operation does not apply: doc is missing key: ${path}: missing value`
  return (isThere ? edit(document, path, replaceMember(value)) : undefined) ?? fail(why)
}

function test(document: JsonValue, { path, value }: Operation): JsonValue {
  // Upstream takes an absent member and null for the same here.
  const isEqual = jsonEqual(valueAt(document, path) ?? null, value ?? null)
  return isEqual ? document : fail(`testing value ${path} failed: test failed`)
}

function operandOf({ op, path, value }: Operation): JsonValue {
  if (value !== undefined) return value
  return fail(`${op} operation does not apply: no value is given for path: ${JSON.stringify(path)}`)
}

function sourceOf(document: JsonValue, { op, from }: Operation): JsonValue {
  const why = `${op} operation does not apply: doc is missing from path: ${from}: missing value`
  return valueAt(document, from) ?? fail(why)
}

function removeFailure(document: JsonValue, path: string): string {
  const keys = keysOf(path)
  const key = keys.pop()
  const parent = keys.reduce<JsonValue | undefined>(
    (value, name) => memberOf(value, name),
    document,
  )
  if (typeof parent !== 'object' || parent === null || key === undefined) {
    return `remove operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`
  }
  return `error in remove for path: '${path}': Unable to remove nonexistent key: ${key}: missing value`
}

function fail(why: string): never {
  throw unprocessable(why)
}

/** Refuses what would grow the document without bound: copies of copies double it each time. */
function copySize(document: JsonValue, operation: Operation, copiedBytes: number): number {
  const value = sourceOf(document, operation)
  checkDepth(value)
  const bytes = jsonSize(value, copyBytesMax)
  if (copiedBytes + bytes <= copyBytesMax) return bytes
  return fail(
    `Unable to complete the copy, the accumulated size increase of copy is ${copiedBytes + bytes}, exceeding the limit ${copyBytesMax}`,
  )
}

/** The unescaped keys of a JSON pointer, outermost first. */
function keysOf(path: string): string[] {
  if (path === '') return []
  if (!path.startsWith('/')) fail(`doc is missing path: ${JSON.stringify(path)}: missing value`)
  const escaped = path.slice(1).split('/')
  if (escaped.length > depthMax) throw badRequest('exceeded max depth')
  return escaped.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (Array.isArray(value)) return isIndex(key) ? value[Number(key)] : undefined
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

function valueAt(document: JsonValue, path: string): JsonValue | undefined {
  return keysOf(path).reduce<JsonValue | undefined>(memberOf, document)
}

function isIndex(key: string): boolean {
  return /^(0|[1-9]\d*)$/.test(key)
}

/**
 * A copy of the document in which the container of `path`'s last key is edited; undefined when
 * there is no such place.
 */
function edit(document: JsonValue, path: string, change: Edit): JsonValue | undefined {
  const [key, ...rest] = keysOf(path)
  return key === undefined ? undefined : editAt(document, [key, ...rest], change)
}

function editAt(
  container: JsonValue | undefined,
  [key, ...rest]: readonly [string, ...string[]],
  change: Edit,
): JsonValue | undefined {
  if (typeof container !== 'object' || container === null) return undefined
  const [next, ...others] = rest
  if (next === undefined) return change(container, key)
  const member = editAt(memberOf(container, key), [next, ...others], change)
  return member === undefined ? undefined : replaceMember(member)(container, key)
}

function replaceMember(value: JsonValue): Edit {
  return (container, key) => {
    if (!isList(container)) return { ...container, [key]: value }
    return isIndex(key) && Number(key) < container.length
      ? container.with(Number(key), value)
      : undefined
  }
}

function insertMember(value: JsonValue): Edit {
  return (container, key) => {
    if (!isList(container)) return { ...container, [key]: value }
    if (key === '-') return [...container, value]
    const isPlace = isIndex(key) && Number(key) <= container.length
    return isPlace ? container.toSpliced(Number(key), 0, value) : undefined
  }
}

const removeMember: Edit = (container, key) => {
  if (memberOf(container, key) === undefined) return undefined
  if (isList(container)) return container.toSpliced(Number(key), 1)
  return Object.fromEntries(Object.entries(container).filter(([name]) => name !== key))
}

/** `Array.isArray` does not narrow a readonly list. */
function isList(container: Container): container is readonly JsonValue[] {
  return Array.isArray(container)
}
