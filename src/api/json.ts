import { parse, stringify } from 'lossless-json'

export type JsonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined }

export type JsonObject = { readonly [key: string]: JsonValue | undefined }

/**
 * Sixteen digits in a row outside an obvious fraction: the only texts whose integers `JSON.parse`
 * may bend.
 */
const mayHoldLargeInteger = /\d{16}/

function parseNumber(text: string): number | bigint {
  if (!/^-?\d+$/.test(text)) return Number(text)
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text)
}

/** As `JSON.parse` does; strict decoding finds duplicates by itself. */
function keepLast({ newValue }: { readonly newValue: unknown }): unknown {
  return newValue
}

/**
 * Parses JSON without bending int64: an integer beyond 2^53 comes back as a bigint (I-01), every
 * other number as a number.
 * A key `__proto__` is an ordinary key. Throws SyntaxError.
 */
export function parseJson(text: string): JsonValue {
  if (!mayHoldLargeInteger.test(text)) return JSON.parse(text) as JsonValue
  return parse(text, undefined, { parseNumber, onDuplicateKey: keepLast }) as JsonValue
}

/**
 * The inverse of `parseJson`: bigints are written as plain integers, `undefined` members left out.
 */
export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (!(error instanceof TypeError) || !/BigInt/.test(error.message)) throw error
    return stringify(value) as string
  }
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
}

/** JSON as Go writes it: these can stand in strings only, so the value is the same. */
export function escapeHtml(json: string): string {
  return json.replace(/[<>&]/g, (character) => htmlEscapes[character] as string)
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Freezes a tree in place; already frozen branches are taken as frozen throughout. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const member of Object.values(value)) deepFreeze(member)
  return value
}
