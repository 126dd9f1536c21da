import type { ManagedFieldsEntry } from '../generated/types.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import type { StatusError } from '../status-error.ts'
import { compareObjects } from './compare.ts'
import { type Conflict, conflictError, conflictsOutside } from './conflicts.ts'
import {
  areEqualSets,
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmptySet,
  leavesOf,
  recursiveDifference,
  union,
} from './field-set.ts'
import { ownerlessMetadata, type StructType } from './field-type.ts'
import { fieldsOf, withStructFields } from './fields-of.ts'
import {
  isEntryOf,
  type Manager,
  type Managers,
  newEntry,
  setOf,
  settleManagers,
  withSet,
} from './managers.ts'
import { mergeObjects } from './merge.ts'
import { removeFields } from './remove-fields.ts'

export interface ApplyRequest {
  readonly type: StructType
  readonly live: JsonObject
  /** As `checkConfig` returns it. */
  readonly config: JsonObject
  readonly managers: Managers
  readonly who: Manager
  readonly time: string
  /** Takes over what others own. */
  readonly force: boolean
  /** Fields that cannot be applied here, as the status through the main resource. */
  readonly resets: FieldSet
  /** What is stored for an object as merged: decoded, with defaults. May throw. */
  complete(object: JsonObject): JsonObject
  /** Conflicts over these fields are not counted: see `last-applied.ts`. */
  conceded?(): FieldSet
}

export interface Applied {
  /** As `complete` returned it. */
  readonly object: JsonObject
  readonly managers: Managers
}

/**
 * Server-side apply (H-15): the live object with all that the config sets, and without what this
 * manager applied before, does not apply now, and nobody else owns. Throws 409 with all conflicts.
 */
export function applyConfig(request: ApplyRequest): Applied {
  const { type, live, config, managers, who, resets } = request
  const isMine = (entry: ManagedFieldsEntry) => isEntryOf(entry, who)
  const others = managers.filter((entry) => !isMine(entry))
  const mine = managers.find(isMine)
  const set = recursiveDifference(fieldsOf(type, config), resets)
  const merged = mergeObjects(type, live, config)
  const owned = others.map(setOf).reduce(union, set)
  const left = mine ? prune(type, merged, { last: setOf(mine), owned }) : merged
  const pruned = withIdentity(left, merged)
  const object = request.complete(pruned)
  const { changed, removed } = compareObjects(type, live, object)
  // Who owns an empty map does not own what others put into it.
  const counted = leavesOf(recursiveDifference(changed, resets))
  const refusal = request.force ? undefined : refuse(request, findConflicts(others, counted))
  if (refusal) throw refusal
  const losses = union(counted, recursiveDifference(removed, resets))
  const rest = others.map((entry) => withSet(entry, difference(setOf(entry), losses)))
  const isAsBefore = mine && isEmptySet(losses) && areEqualSets(setOf(mine), set)
  const entry = isAsBefore ? mine : newEntry(who, set, request.time)
  return { object, managers: settleManagers([...rest, entry]) }
}

function findConflicts(others: Managers, changed: FieldSet): readonly Conflict[] {
  const conflicts = others.map((owner) => ({ owner, fields: intersection(setOf(owner), changed) }))
  return conflicts.filter(({ fields }) => !isEmptySet(fields))
}

function refuse(
  { conceded }: ApplyRequest,
  conflicts: readonly Conflict[],
): StatusError | undefined {
  if (conflicts.length === 0) return undefined
  const counted = conflictsOutside(conflicts, conceded?.() ?? emptySet)
  return counted.length > 0 ? conflictError(counted) : undefined
}

interface Ownership {
  /** What this manager applied the last time. */
  readonly last: FieldSet
  /** What anybody owns now, this manager's new config included. */
  readonly owned: FieldSet
}

/**
 * Removes what was applied last time and is owned by nobody now. First everything that was applied
 * goes, with all that is in it; then comes back what somebody owns, and what this manager never
 * applied though it was inside something that it did.
 */
function prune(type: StructType, merged: JsonObject, { last, owned }: Ownership): JsonObject {
  if (isEmptySet(last)) return merged
  const fields = (object: JsonObject) => withStructFields(type, fieldsOf(type, object))
  const all = fields(merged)
  const applied = withStructFields(type, last)
  const bare = fields(removeFields(type, merged, applied))
  const kept = union(bare, withStructFields(type, owned))
  const pruned = fields(removeFields(type, merged, difference(all, kept)))
  return removeFields(type, merged, intersection(difference(all, pruned), applied))
}

/** What the metadata say that nobody owns stays, whoever gives up all that is beside it. */
function withIdentity(pruned: JsonObject, merged: JsonObject): JsonObject {
  if (pruned.metadata !== undefined || !isJsonObject(merged.metadata)) return pruned
  const kept = Object.entries(merged.metadata).filter(([name]) => ownerlessMetadata.has(name))
  return { ...pruned, metadata: Object.fromEntries(kept) }
}
