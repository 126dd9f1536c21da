import type { ManagedFieldsEntry } from '../generated/types.ts'
import { isJsonObject, type JsonObject } from '../json.ts'
import type { StatusError } from '../status-error.ts'
import { type Changes, compareObjects } from './compare.ts'
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

/** A version in which fields are owned, beside that of the request. */
export interface OtherVersion {
  readonly type: StructType
  /** An object of the request's version in this one. */
  from(object: JsonObject): JsonObject
  /** An object of this version in the request's. */
  to(object: JsonObject): JsonObject
}

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
  /** Undefined for the version of the request, and for one that is not served. */
  otherVersion?(apiVersion: string | undefined): OtherVersion | undefined
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
  const left = mine ? pruneInVersions(request, merged, { mine, others, set }) : merged
  const pruned = withIdentity(left, merged)
  const object = request.complete(pruned)
  const touched = new Touched(request, object)
  const refusal = request.force ? undefined : refuse(request, findConflicts(others, touched))
  if (refusal) throw refusal
  const rest = others.map((entry) => withSet(entry, difference(setOf(entry), touched.by(entry))))
  const isAsBefore =
    mine &&
    mine.apiVersion === who.apiVersion &&
    isEmptySet(touched.by(mine)) &&
    areEqualSets(setOf(mine), set)
  const entry = isAsBefore ? mine : newEntry(who, set, request.time)
  return { object, managers: settleManagers([...rest, entry]) }
}

/** What an apply changes and removes, in the fields of the version in which each owner owns. */
class Touched {
  readonly #request: ApplyRequest
  readonly #object: JsonObject
  readonly #changes = new Map<string | undefined, Changes>()

  constructor(request: ApplyRequest, object: JsonObject) {
    this.#request = request
    this.#object = object
  }

  /** Who owns an empty map does not own what others put into it. */
  changed({ apiVersion }: ManagedFieldsEntry): FieldSet {
    return leavesOf(recursiveDifference(this.#in(apiVersion).changed, this.#request.resets))
  }

  by(entry: ManagedFieldsEntry): FieldSet {
    const { removed } = this.#in(entry.apiVersion)
    return union(this.changed(entry), recursiveDifference(removed, this.#request.resets))
  }

  #in(apiVersion: string | undefined): Changes {
    const known = this.#changes.get(apiVersion)
    if (known) return known
    const { type, live, otherVersion } = this.#request
    const other = otherVersion?.(apiVersion)
    const changes = other
      ? compareObjects(other.type, other.from(live), other.from(this.#object))
      : compareObjects(type, live, this.#object)
    this.#changes.set(apiVersion, changes)
    return changes
  }
}

function findConflicts(others: Managers, touched: Touched): readonly Conflict[] {
  const conflicts = others.map((owner) => ({
    owner,
    fields: intersection(setOf(owner), touched.changed(owner)),
  }))
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

interface Owners {
  readonly mine: ManagedFieldsEntry
  readonly others: Managers
  /** What this manager's new config sets. */
  readonly set: FieldSet
}

/**
 * Prunes in the version in which this manager applied the last time, then gives back what others
 * own in further versions.
 */
function pruneInVersions(
  { type, who, otherVersion }: ApplyRequest,
  merged: JsonObject,
  { mine, others, set }: Owners,
): JsonObject {
  const former = otherVersion?.(mine.apiVersion)
  const isOf = (version: OtherVersion | undefined) => (entry: ManagedFieldsEntry) =>
    otherVersion?.(entry.apiVersion)?.type === version?.type
  const ownedIn = (version: OtherVersion | undefined) =>
    others
      .filter(isOf(version))
      .map(setOf)
      .reduce(union, version ? emptySet : set)
  const last = setOf(mine)
  let left = former
    ? former.to(prune(former.type, former.from(merged), { last, owned: ownedIn(former) }))
    : prune(type, merged, { last, owned: ownedIn(undefined) })
  if (left === merged) return left
  const versions = new Set([who.apiVersion, ...others.map(({ apiVersion }) => apiVersion)])
  versions.delete(mine.apiVersion)
  for (const apiVersion of versions) {
    const version = otherVersion?.(apiVersion)
    if (version || former) left = givenBack([merged, left], ownedIn(version), version ?? { type })
  }
  return left
}

/** What pruning took away though it is owned in this version, put back. */
function givenBack(
  [merged, left]: readonly [JsonObject, JsonObject],
  owned: FieldSet,
  { type, from, to }: Pick<OtherVersion, 'type'> & Partial<OtherVersion>,
): JsonObject {
  const whole = from ? from(merged) : merged
  const rest = from ? from(left) : left
  const fields = (object: JsonObject) => withStructFields(type, fieldsOf(type, object))
  const kept = removeFields(
    type,
    whole,
    difference(difference(fields(whole), fields(rest)), withStructFields(type, owned)),
  )
  return to ? to(kept) : kept
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
