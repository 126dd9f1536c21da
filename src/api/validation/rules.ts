import { invalidValue, requiredValue, unsupportedValue } from '../field-errors.ts'
import type { FieldError } from '../status-error.ts'

export type Errors = readonly FieldError[]

/** What is wrong with a text, in words; see `string-formats.ts`. */
export type Format = (text: string) => readonly string[]

export const immutable = 'field is immutable'

export function formatted(path: string, value: string, format: Format): Errors {
  return format(value).map((detail) => invalidValue(path, value, detail))
}

/** A text that must be there and well formed. */
export function requiredFormatted(path: string, value: string | undefined, format: Format): Errors {
  return value ? formatted(path, value, format) : [requiredValue(path)]
}

export function requiredText(path: string, value: string | undefined): Errors {
  return value ? [] : [requiredValue(path)]
}

/** A word out of a list; an absent or empty one is an error of its own. */
export function requiredWord(
  path: string,
  value: string | undefined,
  words: readonly string[],
): Errors {
  return value ? word(path, value, words) : [requiredValue(path)]
}

/** A word out of a list, if it is there at all. */
export function word(path: string, value: string | undefined, words: readonly string[]): Errors {
  if (value === undefined || words.includes(value)) return []
  return [unsupportedValue(path, value, words)]
}

export function nonNegative(path: string, value: number | undefined): Errors {
  if (value === undefined || value >= 0) return []
  return [invalidValue(path, value, 'must be greater than or equal to 0')]
}

export function positive(path: string, value: number | undefined): Errors {
  return (value ?? 0) > 0 ? [] : [invalidValue(path, value ?? 0, 'must be greater than zero')]
}

/** Checks each element; `check` gets its path, `PATH[INDEX]`. */
export function each<T>(
  path: string,
  items: readonly T[] | undefined,
  check: (item: T, itemPath: string) => Errors,
): Errors {
  return (items ?? []).flatMap((item, index) => check(item, `${path}[${index}]`))
}

/** Compares by content; an empty list or map is the same as none. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b || (isNothing(a) && isNothing(b))) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  const [left, right] = [a, b] as readonly Readonly<Record<string, unknown>>[]
  return [...names].every((name) => isSame(left?.[name], right?.[name]))
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** A field that may not change once the object is there. */
export function unchanged(path: string, next: unknown, previous: unknown): Errors {
  return isSame(next, previous) ? [] : [invalidValue(path, next, immutable)]
}
