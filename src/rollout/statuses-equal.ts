import { isJsonObject } from '../api/json.ts'

/** Deep equality of two statuses; a member without a value is an absent one. */
export function statusesEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((element, i) => statusesEqual(element, b[i]))
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every((key) => statusesEqual(a[key], b[key]))
}
