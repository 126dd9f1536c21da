import { formatQuantity, parseQuantity, QuantityError } from './quantity.ts'
import { canonicalTimestamp, type TimePrecision, TimestampError } from './rfc3339.ts'
import type { Scalar } from './schema.ts'

/**
 * What a text of a type of its own (time, quantity, base64) is refused for; the message is Go's.
 */
export class ScalarError extends Error {
  override readonly name = 'ScalarError'
}

/** Called with what the value is (`string`, `number 3.5`) when it is of the wrong type. */
export type OnMismatch = (described: string) => never

/** What Go's decoder calls a JSON value. */
export function describeJson(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'bigint' ? 'number' : typeof value
}

const int32Max = 2 ** 31 - 1
const int64Max = 2n ** 63n - 1n

function decodeInt32(value: unknown, fail: OnMismatch): number {
  if (typeof value !== 'number' && typeof value !== 'bigint') return fail(describeJson(value))
  const isInt32 = Number.isInteger(value) && value >= -int32Max - 1 && value <= int32Max
  return isInt32 ? Number(value) + 0 : fail(`number ${value}`)
}

/** A bigint only beyond 2^53 (I-01), so that equal values have one form. */
function decodeInt64(value: unknown, fail: OnMismatch): number | bigint {
  if (typeof value !== 'number' && typeof value !== 'bigint') return fail(describeJson(value))
  if (Number.isSafeInteger(value)) return Number(value) + 0
  const exact = typeof value === 'bigint' || Number.isInteger(value) ? BigInt(value) : undefined
  if (exact === undefined || exact > int64Max || exact < -int64Max - 1n) {
    return fail(`number ${value}`)
  }
  return exact >= Number.MIN_SAFE_INTEGER && exact <= Number.MAX_SAFE_INTEGER
    ? Number(exact)
    : exact
}

function decodeTime(value: unknown, precision: TimePrecision, fail: OnMismatch): string {
  if (typeof value !== 'string') return fail(describeJson(value))
  try {
    return canonicalTimestamp(value, precision)
  } catch (error) {
    throw error instanceof TimestampError ? new ScalarError(error.message) : error
  }
}

/**
 * Canonical text: `1024Mi` is kept as `1Gi`, the number 1 as `"1"`. As in Go, whatever else it is
 * fails as the text of a quantity.
 */
function decodeQuantity(value: unknown): string {
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
  try {
    return formatQuantity(parseQuantity(isText ? String(value).trim() : describeJson(value)))
  } catch (error) {
    throw error instanceof QuantityError ? new ScalarError(error.message) : error
  }
}

/** Standard base64 with padding; line breaks in it are allowed and dropped. */
function decodeBytes(value: unknown, fail: OnMismatch): string {
  if (typeof value !== 'string') return fail(describeJson(value))
  const text = /[\r\n]/.test(value) ? value.replace(/[\r\n]/g, '') : value
  if (/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0) return text
  const stranger = value.search(/[^A-Za-z0-9+/=\r\n]/)
  const position = stranger < 0 ? text.length - (text.length % 4) : stranger
  throw new ScalarError(`illegal base64 data at input byte ${position}`)
}

/**
 * The form in which `parseJson` would give the number back: no -0, integers beyond 2^53 as bigint.
 */
function exactNumber(value: number): number | bigint {
  const isWrittenInFull = Number.isInteger(value) && Math.abs(value) < 1e21
  return isWrittenInFull && !Number.isSafeInteger(value) ? BigInt(value) : value + 0
}

function copyAny(value: unknown, depth: number): unknown {
  if (depth > maxDepth) throw new ScalarError('exceeded max depth')
  if (Array.isArray(value)) {
    return Object.freeze(value.map((member) => copyAny(member, depth + 1)))
  }
  if (typeof value === 'number') return exactNumber(value)
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) setOwn(copy, key, copyAny(member, depth + 1))
  }
  return Object.freeze(copy)
}

/** Nesting of free-form JSON (ControllerRevision.data, fieldsV1). */
const maxDepth = 500

/** `target[key] = value`, for keys out of a user's hand: `__proto__` is one as any other. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value
  else
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
}

/**
 * The canonical form of a scalar that is not null. Calls `fail` for a value of another type; throws
 * ScalarError for a text that its type refuses.
 */
export function decodeScalar(scalar: Scalar, value: unknown, fail: OnMismatch): unknown {
  switch (scalar) {
    case 'string':
      return typeof value === 'string' ? value : fail(describeJson(value))
    case 'boolean':
      return typeof value === 'boolean' ? value : fail(describeJson(value))
    case 'int32':
      return decodeInt32(value, fail)
    case 'int64':
      return decodeInt64(value, fail)
    case 'double':
      return typeof value === 'number' || typeof value === 'bigint'
        ? Number(value) + 0
        : fail(describeJson(value))
    case 'int-or-string':
      return typeof value === 'string' ? value : decodeInt32(value, fail)
    case 'date-time':
      return decodeTime(value, 'seconds', fail)
    case 'micro-time':
      return decodeTime(value, 'microseconds', fail)
    case 'quantity':
      return decodeQuantity(value)
    case 'bytes':
      return decodeBytes(value, fail)
    case 'any':
      return copyAny(value, 0)
  }
}
