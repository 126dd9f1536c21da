import { patchKeysOf } from '../list-types.ts'

/**
 * The merge key of a list in a strategic merge patch (H-13), '' for a list of plain values,
 * undefined for a list that is replaced whole. Of a key with several members it is the first.
 */
export function mergeKeyOf(model: string | undefined, field: string): string | undefined {
  const keys = model === undefined ? undefined : patchKeysOf(model, field)
  return keys && (keys[0] ?? '')
}
