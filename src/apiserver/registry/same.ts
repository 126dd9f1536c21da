import type { JsonValue } from '../../api/json.ts'
import { jsonEqual } from '../../api/patch/json-equal.ts'

/** Whether two objects, or parts of them, say the same. */
export function isSame(a: unknown, b: unknown): boolean {
  return jsonEqual(a as JsonValue, b as JsonValue)
}
