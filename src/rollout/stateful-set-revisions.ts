import type {
  ControllerRevision,
  Pod,
  PodTemplateSpec,
  StatefulSet,
} from '../api/generated/types.ts'
import { escapeHtml, stringifyJson } from '../api/json.ts'
import { controllerRevisionHashLabel, revisionHashLabel } from '../api/names.ts'
import { oncePerFrozen } from '../base/memo.ts'
import {
  byNumber,
  hasDataOf,
  newRevision,
  nextNumber,
  numbered,
  templatePatch,
} from './controller-revision.ts'
import { fnv1Hash32, safeText } from './template-hash.ts'

const prefixLengthMax = 223

/**
 * The revision of a StatefulSet's present template, before it is known whether it exists (D-02).
 */
export function desiredRevision(
  statefulSet: StatefulSet,
  number: bigint,
  collisionCount: number,
): ControllerRevision {
  const hash = revisionHash(statefulSet, collisionCount)
  const prefix = (statefulSet.metadata.name ?? '').slice(0, prefixLengthMax)
  const labels = { [controllerRevisionHashLabel]: hash }
  return newRevision(statefulSet, { name: `${prefix}-${hash}`, labels, number })
}

/** FNV-1 of the data as Go writes them, and of the collision count in decimal. */
function revisionHash({ spec }: StatefulSet, collisionCount: number): string {
  const count = new TextEncoder().encode(String(collisionCount))
  return safeText(String(fnv1Hash32(count, dataHash(spec?.template ?? {}))))
}

const dataHash = oncePerFrozen((template: PodTemplateSpec) => {
  const data = escapeHtml(stringifyJson(templatePatch(template)))
  return fnv1Hash32(new TextEncoder().encode(data))
})

export type UpdateRevision =
  | { readonly type: 'keep'; readonly revision: ControllerRevision }
  /** An older one has the template's data: it becomes the latest (D-04). */
  | { readonly type: 'raise'; readonly revision: ControllerRevision }
  | { readonly type: 'create'; readonly number: bigint }

/** Which revision the pods shall have, and what to write so that there is one (D-04). */
export function planUpdateRevision(
  statefulSet: StatefulSet,
  owned: readonly ControllerRevision[],
): UpdateRevision {
  const number = nextNumber(owned)
  const wanted = desiredRevision(statefulSet, number, 0)
  const history = [...owned].sort(byNumber)
  const equal = history.findLast((each) => hasDataOf(each, wanted))
  if (!equal) return { type: 'create', number }
  return equal === history.at(-1)
    ? { type: 'keep', revision: equal }
    : { type: 'raise', revision: numbered(equal, number) }
}

/** The revision that the pods had when nothing moved; the update's, before anything ever has. */
export function currentRevisionOf(
  { status }: StatefulSet,
  owned: readonly ControllerRevision[],
  updateRevision: ControllerRevision,
): ControllerRevision {
  return owned.find(({ metadata }) => metadata.name === status?.currentRevision) ?? updateRevision
}

/** The name of the revision that a pod was made from. */
export function revisionNameOf(pod: Pod): string {
  return pod.metadata.labels?.[revisionHashLabel] ?? ''
}

export interface RevisionsInUse {
  readonly owned: readonly ControllerRevision[]
  readonly currentRevision: ControllerRevision
  readonly updateRevision: ControllerRevision
  readonly pods: readonly Pod[]
}

/** What is beyond `revisionHistoryLimit`, oldest first; what is in use does not count (D-19). */
export function revisionsToDelete(
  { spec }: StatefulSet,
  { owned, currentRevision, updateRevision, pods }: RevisionsInUse,
): readonly ControllerRevision[] {
  const inUse = new Set([
    currentRevision.metadata.name,
    updateRevision.metadata.name,
    ...pods.map(revisionNameOf),
  ])
  const history = owned.filter(({ metadata }) => !inUse.has(metadata.name)).sort(byNumber)
  return history.slice(0, Math.max(history.length - (spec?.revisionHistoryLimit ?? 10), 0))
}
