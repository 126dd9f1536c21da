import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts'

/**
 * JSON merge patch, RFC 7396: members are merged, null removes one, anything else replaces. Where
 * nothing changes, the very value that came in is returned.
 */
export function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch
  const original: JsonObject = isJsonObject(target) ? target : {}
  const members = new Map(Object.entries(original))
  let isChanged = original !== target
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined) continue
    const before = members.get(name)
    if (value === null) {
      isChanged = members.delete(name) || isChanged
      continue
    }
    const after = mergePatch(before, value)
    if (after === before) continue
    isChanged = true
    members.set(name, after)
  }
  return isChanged ? Object.fromEntries(members) : original
}
