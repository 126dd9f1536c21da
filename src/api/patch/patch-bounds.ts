import type { JsonValue } from '../json.ts'
import { badRequest, StatusError } from '../status-error.ts'

/** Far deeper than any API object; keeps every recursive walk off the end of the stack. */
export const depthMax = 500

/**
 * What all `copy` operations of one JSON patch may add together, in bytes of JSON: upstream's
 * limit.
 */
export const copyBytesMax = 3 * 1024 * 1024

/** Throws 400 when a value nests deeper than any API object. */
export function checkDepth(value: JsonValue | undefined, remaining = depthMax): void {
  if (typeof value !== 'object' || value === null) return
  if (remaining === 0) throw badRequest('exceeded max depth')
  for (const member of Object.values(value)) checkDepth(member, remaining - 1)
}

/** Roughly the length of a value's JSON in bytes; stops counting above `bytesMax`. */
export function jsonSize(value: JsonValue | undefined, bytesMax: number): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 4
  let bytes = 2
  for (const [key, member] of Object.entries(value)) {
    bytes += (Array.isArray(value) ? 1 : key.length + 4) + jsonSize(member, bytesMax - bytes)
    if (bytes > bytesMax) break
  }
  return bytes
}

/**
 * 422 for a patch that is well formed and cannot be applied to this object. The first half of the
 * text is all that upstream says.
 */
export function unprocessable(why: string): StatusError {
  const text = 'the server rejected our request due to an error in our request'
  return new StatusError('Invalid', `${text}: ${why}`, {})
}
