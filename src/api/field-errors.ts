import { escapeHtml, stringifyJson } from './json.ts'
import type { FieldError } from './status-error.ts'

/**
 * The kinds of mistakes in a field. `field` is the path as upstream writes it
 * (`spec.containers[0].image`), `detail` what follows the last colon; left out, nothing does.
 */

function body(prefix: string, detail: string | undefined): string {
  return detail === undefined || detail === '' ? prefix : `${prefix}: ${detail}`
}

/**
 * A value as error texts show it (V-01, 1.34 and later): strings quoted, numbers and booleans
 * plain, others as JSON.
 */
export function renderValue(value: unknown): string {
  if (value === undefined || value === null) return 'null'
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value !== 'object') return String(value)
  return escapeHtml(stringifyJson(value))
}

export function requiredValue(field: string, detail?: string): FieldError {
  return { reason: 'FieldValueRequired', field, body: body('Required value', detail) }
}

export function invalidValue(field: string, value: unknown, detail?: string): FieldError {
  const prefix = `Invalid value: ${renderValue(value)}`
  return { reason: 'FieldValueInvalid', field, body: body(prefix, detail) }
}

export function invalidType(field: string, value: unknown, detail: string): FieldError {
  const prefix = `Invalid value: ${renderValue(value)}`
  return { reason: 'FieldValueTypeInvalid', field, body: body(prefix, detail) }
}

export function forbiddenValue(field: string, detail?: string): FieldError {
  return { reason: 'FieldValueForbidden', field, body: body('Forbidden', detail) }
}

/**
 * `supported` is listed in the order given: upstream sorts the sets among them, and keeps the order
 * of lists.
 */
export function unsupportedValue(
  field: string,
  value: unknown,
  supported: readonly string[],
): FieldError {
  const list = supported.map((name) => JSON.stringify(name)).join(', ')
  const prefix = `Unsupported value: ${renderValue(value)}`
  return {
    reason: 'FieldValueNotSupported',
    field,
    body: body(prefix, list && `supported values: ${list}`),
  }
}

export function duplicateValue(field: string, value: unknown): FieldError {
  return {
    reason: 'FieldValueDuplicate',
    field,
    body: `Duplicate value: ${renderValue(value)}`,
  }
}

/** A reference to something that is not there. */
export function missingReference(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueNotFound', field, body: `Not found: ${renderValue(value)}` }
}

export function tooLongValue(field: string, bytesMax: number): FieldError {
  const unit = bytesMax === 1 ? 'byte' : 'bytes'
  const text = `Too long: may not be more than ${bytesMax} ${unit}`
  return { reason: 'FieldValueTooLong', field, body: text }
}

export function tooManyItems(field: string, count: number, countMax: number): FieldError {
  const unit = countMax === 1 ? 'item' : 'items'
  const text = `Too many: ${count}: must have at most ${countMax} ${unit}`
  return { reason: 'FieldValueTooMany', field, body: text }
}
