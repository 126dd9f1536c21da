import type { ManagedFieldsEntry } from '../api/generated/types.ts'
import type { JsonObject } from '../api/json.ts'
import { compareObjects } from '../api/managed-fields/compare.ts'
import {
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmptySet,
  leavesOf,
  pathTexts,
  union,
} from '../api/managed-fields/field-set.ts'
import { type StructType, typeOfObject } from '../api/managed-fields/field-type.ts'
import { fieldsOf } from '../api/managed-fields/fields-of.ts'
import { setOf } from '../api/managed-fields/managers.ts'
import { removeFields } from '../api/managed-fields/remove-fields.ts'
import type { KubeObject } from '../api/object.ts'

/** Who wrote fields that differ, where the server keeps that (H-15). */
export interface FieldWriter {
  /** `kubectl-edit`. */
  readonly manager: string
  /** RFC 3339. */
  readonly at?: string
  /** `.spec.replicas`, `.data.TEXT`. */
  readonly fields: readonly string[]
}

/** Tools that write what a person says at that moment. */
const people =
  /^(kubectl|astern|oc$|k9s|lens|freelens|openlens|headlamp|rancher|mozilla|node-fetch|before-first-apply|ancient-changes)/i

type Entry = ManagedFieldsEntry

function entriesOf({ metadata }: KubeObject): readonly Entry[] {
  return metadata.managedFields ?? []
}

/**
 * Programs that have a part of the object for themselves: whoever has written none of what Git
 * gives, or only the size (an autoscaler), and is no person's tool.
 */
function others(entries: readonly Entry[], given: FieldSet): readonly Entry[] {
  return entries.filter((entry) => {
    if (people.test(entry.manager ?? '')) return false
    return entry.subresource !== undefined || isEmptySet(intersection(setOf(entry), given))
  })
}

function ownedBy(entries: readonly Entry[]): FieldSet {
  return entries.map(setOf).reduce(union, emptySet)
}

export interface Compared {
  /** The manifest in Git, without what is another's alone. */
  readonly git: JsonObject
  /** What lives, without what is another's alone. */
  readonly live: JsonObject
}

const sizeOnly: FieldSet = { 'f:spec': { 'f:replicas': {} } }

/**
 * Git and live without the fields that are no matter between them: those which only programs own
 * that Git knows nothing of, and a size that is an autoscaler's. Where the server does not say who
 * owns what, both stay whole.
 */
export function withoutOthersFields(object: KubeObject, manifest: JsonObject): Compared {
  const type = typeOfObject(object)
  const live = object as unknown as JsonObject
  const entries = entriesOf(object)
  const given = fieldsOf(type, manifest)
  const foreign = others(entries, given)
  if (foreign.length === 0) return { git: manifest, live }
  const ours = ownedBy(entries.filter((entry) => !foreign.includes(entry)))
  const alone = difference(ownedBy(foreign), ours)
  const scaled = intersection(ownedBy(foreign.filter(isOfScale)), sizeOnly)
  const size = difference(scaled, ours)
  return {
    git: removeFields(type, manifest, size),
    live: removeFields(type, live, union(size, difference(alone, given))),
  }
}

function isOfScale({ subresource }: Entry): boolean {
  return subresource === 'scale'
}

/**
 * Who wrote the fields in which live is not as `git` (both as the server has them), the last one
 * first. What somebody took away has no owner any more.
 */
export function writersOf(object: KubeObject, git: JsonObject): readonly FieldWriter[] {
  const type: StructType = typeOfObject(object)
  const { changed } = compareObjects(type, git, object)
  const found = entriesOf(object).flatMap((entry): readonly FieldWriter[] => {
    const fields = pathTexts(leavesOf(intersection(setOf(entry), changed)))
    const { manager = '', time } = entry
    return fields.length === 0 ? [] : [{ manager, ...(time && { at: time }), fields }]
  })
  return found.sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? 1 : -1))
}
