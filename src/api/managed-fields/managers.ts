import type { ManagedFieldsEntry } from '../generated/types.ts'
import type { JsonValue } from '../json.ts'
import type { Changes } from './compare.ts'
import {
  areEqualSets,
  difference,
  type FieldSet,
  isEmptySet,
  readFieldSet,
  union,
} from './field-set.ts'

/** `metadata.managedFields`: who owns which fields (H-15). */
export type Managers = readonly ManagedFieldsEntry[]

/** Who writes: one entry per manager, operation and subresource (and version, of an update). */
export interface Manager {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource?: string | undefined
}

export function setOf(entry: ManagedFieldsEntry): FieldSet {
  return (entry.fieldsV1 ?? {}) as FieldSet
}

export function isEntryOf(entry: ManagedFieldsEntry, who: Manager): boolean {
  return (
    entry.manager === who.manager &&
    entry.operation === who.operation &&
    (entry.subresource ?? '') === (who.subresource ?? '') &&
    (who.operation === 'Apply' || entry.apiVersion === who.apiVersion)
  )
}

export function newEntry(who: Manager, set: FieldSet, time: string): ManagedFieldsEntry {
  const { manager, operation, apiVersion, subresource } = who
  return {
    apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1: set as JsonValue,
    manager,
    operation,
    ...(subresource && { subresource }),
    time,
  }
}

/** The entry with another set; itself when that is no other. */
export function withSet(entry: ManagedFieldsEntry, set: FieldSet): ManagedFieldsEntry {
  return set === entry.fieldsV1 ? entry : { ...entry, fieldsV1: set as JsonValue }
}

/**
 * What a write touches in the fields of another version, in which others may own; undefined for the
 * version of the write itself.
 */
export type ChangesIn = (apiVersion: string | undefined) => Changes | undefined

/**
 * The owners after an update by `who`, which takes what it changed from everybody else; what it
 * removed nobody owns any more. The very same list when nothing changed.
 */
export function recordUpdate(
  managers: Managers,
  changes: Changes,
  {
    who,
    time,
    changesIn,
  }: { readonly who: Manager; readonly time: string; readonly changesIn?: ChangesIn },
): Managers {
  const { changed, removed } = changes
  if (isEmptySet(changed) && isEmptySet(removed)) return managers
  const isMine = (entry: ManagedFieldsEntry) => isEntryOf(entry, who)
  const next = managers.map((entry) => {
    const theirs = changesIn?.(entry.apiVersion) ?? changes
    const rest = difference(setOf(entry), theirs.removed)
    return withSet(entry, isMine(entry) ? rest : difference(rest, theirs.changed))
  })
  if (!isEmptySet(changed)) {
    const index = next.findIndex(isMine)
    const mine = index < 0 ? {} : setOf(next[index] as ManagedFieldsEntry)
    next.splice(index < 0 ? next.length : index, 1, newEntry(who, union(mine, changed), time))
  }
  return settleManagers(next)
}

/** Without empty entries and beyond the cap, in the order in which they are written. */
export function settleManagers(managers: Managers): Managers {
  const owners = managers.filter((entry) => !isEmptySet(setOf(entry)))
  return capped(owners.sort(compareEntries))
}

function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  for (const field of ['operation', 'time', 'manager', 'apiVersion', 'subresource'] as const) {
    const [left, right] = [a[field] ?? '', b[field] ?? '']
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

const updatersMax = 10
/** Upstream's name for the owner of what the oldest updaters owned. */
const ancient = 'ancient-changes'

function capped(managers: Managers): Managers {
  const updaters = managers.filter(({ operation }) => operation === 'Update')
  if (updaters.length <= updatersMax) return managers
  const oldest = updaters.slice(0, updaters.length - updatersMax + 1)
  const others = managers.filter((entry) => !oldest.includes(entry))
  const { apiVersion = '', time = '' } = oldest.at(-1) ?? {}
  const set = oldest.map(setOf).reduce(union)
  const who: Manager = { manager: ancient, operation: 'Update', apiVersion }
  return [...others, newEntry(who, set, time)].sort(compareEntries)
}

/**
 * The owners that a body's own word makes (H-15): one empty entry resets them; a list that makes
 * sense replaces them; anything else, as none at all, leaves them as they are.
 */
export function managersOfBody(given: Managers | undefined, present: Managers): Managers {
  const [first] = given ?? []
  if (!given || !first || given === present) return present
  if (given.length === 1 && Object.keys(first).length === 0) return []
  const read = given.map(readEntry)
  return read.every((entry) => entry !== undefined) ? read : present
}

function readEntry(entry: ManagedFieldsEntry): ManagedFieldsEntry | undefined {
  const { operation, fieldsType, fieldsV1 } = entry
  if (operation !== 'Apply' && operation !== 'Update') return undefined
  const set = fieldsType === 'FieldsV1' ? readFieldSet(fieldsV1) : undefined
  return set && { ...entry, fieldsV1: set as JsonValue }
}

/** Whether two lists of owners differ in nothing but times. */
export function areSameManagers(a: Managers, b: Managers): boolean {
  if (a === b) return true
  const isSame = (x: ManagedFieldsEntry, y: ManagedFieldsEntry) =>
    isEntryOf(x, y as Manager) && x.apiVersion === y.apiVersion && areEqualSets(setOf(x), setOf(y))
  return a.length === b.length && a.every((entry) => b.some((other) => isSame(entry, other)))
}
