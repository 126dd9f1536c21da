import type { ControllerRevision, DaemonSet, Pod } from '../api/generated/types.ts'
import { revisionHashLabel } from '../api/names.ts'
import {
  byNumber,
  hasDataOf,
  newRevision,
  nextNumber,
  numbered,
  numberOf,
} from './controller-revision.ts'
import { templateHash } from './template-hash.ts'

/** What its pods carry: a revision knows its hash by its label, or by its name. */
export function hashOf({ metadata }: ControllerRevision): string {
  return metadata.labels?.[revisionHashLabel] ?? metadata.name ?? ''
}

/** The revision of the present template, before it is known whether it exists (D-02). */
export function desiredDaemonRevision(daemonSet: DaemonSet, number: bigint): ControllerRevision {
  const template = daemonSet.spec?.template ?? {}
  const hash = templateHash(template, daemonSet.status?.collisionCount)
  const name = `${daemonSet.metadata.name}-${hash}`
  return newRevision(daemonSet, { name, labels: { [revisionHashLabel]: hash }, number })
}

export interface DaemonSetHistory {
  /** Has the present template's data; undefined: it has to be created, as `wanted`. */
  readonly current: ControllerRevision | undefined
  readonly wanted: ControllerRevision
  /** `current` is to be written: its number was raised, or its hash was no label. */
  readonly isCurrentChanged: boolean
  /** Others with the same data: their pods get the current hash, then they go (D-39). */
  readonly duplicates: readonly ControllerRevision[]
  /** All others, lowest number first. */
  readonly old: readonly ControllerRevision[]
}

/** D-04, D-39. */
export function daemonSetHistory(
  daemonSet: DaemonSet,
  owned: readonly ControllerRevision[],
): DaemonSetHistory {
  const template = desiredDaemonRevision(daemonSet, 0n)
  const same = owned.filter((each) => hasDataOf(each, template)).sort(byNumber)
  const old = owned.filter((each) => !same.includes(each)).sort(byNumber)
  const number = nextNumber(old)
  const found = same.at(-1)
  const current = found && withHashLabel(numberOf(found) < number ? numbered(found, number) : found)
  return {
    current,
    wanted: numbered(template, number),
    isCurrentChanged: current !== found,
    duplicates: same.slice(0, -1),
    old,
  }
}

function withHashLabel(revision: ControllerRevision): ControllerRevision {
  const { metadata } = revision
  if (metadata.labels?.[revisionHashLabel] !== undefined) return revision
  const labels = { ...metadata.labels, [revisionHashLabel]: hashOf(revision) }
  return { ...revision, metadata: { ...metadata, labels } }
}

/**
 * As many of the oldest as are beyond `revisionHistoryLimit`; one whose pods live is passed over
 * for a later one (D-39).
 */
export function daemonRevisionsToDelete(
  { spec }: DaemonSet,
  old: readonly ControllerRevision[],
  pods: readonly Pod[],
): readonly ControllerRevision[] {
  const surplus = old.length - (spec?.revisionHistoryLimit ?? 10)
  const live = new Set(pods.map(({ metadata }) => metadata.labels?.[revisionHashLabel]))
  return old.filter((each) => !live.has(hashOf(each))).slice(0, Math.max(surplus, 0))
}
