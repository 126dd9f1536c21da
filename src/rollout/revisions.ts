import type { ObjectMeta, ReplicaSet } from '../api/generated/types.ts'
import { revisionAnnotation, revisionHistoryAnnotation } from '../api/names.ts'
import { byCreation } from './order.ts'

type Annotations = { readonly [key: string]: string }

const int64Max = 2n ** 63n - 1n
const int64Min = -(2n ** 63n)
const historyLengthMax = 2000

/** A rollout revision is an int64, which a number would bend (I-01); undefined: not one. */
export function parseRevision(text: string): bigint | undefined {
  if (!/^[-+]?\d+$/.test(text)) return undefined
  const value = BigInt(text.replace('+', ''))
  return value > int64Max || value < int64Min ? undefined : value
}

/**
 * The rollout revision of a ReplicaSet or Deployment (B-20): 0 without one, undefined when it is no
 * integer.
 */
export function revisionOf(object: { readonly metadata: ObjectMeta }): bigint | undefined {
  return parseRevision(object.metadata.annotations?.[revisionAnnotation] || '0')
}

/** Those that are no integers are skipped (B-21). */
export function maxRevision(replicaSets: readonly ReplicaSet[]): bigint {
  return replicaSets.reduce((max, replicaSet) => {
    const revision = revisionOf(replicaSet) ?? 0n
    return revision > max ? revision : max
  }, 0n)
}

/** The revision that the new ReplicaSet must have at least (B-21). */
export function nextRevision(oldReplicaSets: readonly ReplicaSet[]): bigint {
  return maxRevision(oldReplicaSets) + 1n
}

/**
 * Annotations with the revision raised to `wanted`, the one it had appended to the history (B-21,
 * B-22, B-24). A higher one is kept, and so is one that is no integer.
 */
export function withRevision(annotations: Annotations, wanted: bigint): Annotations {
  const storedText = annotations[revisionAnnotation] || undefined
  const stored = parseRevision(storedText ?? '0')
  if (stored === undefined || stored >= wanted) return annotations
  const raised = { ...annotations, [revisionAnnotation]: String(wanted) }
  if (storedText === undefined) return raised
  const history = appendedHistory(annotations[revisionHistoryAnnotation], storedText)
  return history === undefined ? raised : { ...raised, [revisionHistoryAnnotation]: history }
}

/**
 * Drops from the front what would pass the limit; undefined when even the one to add is too long.
 */
function appendedHistory(history: string | undefined, revision: string): string | undefined {
  const revisions = history ? [...history.split(','), revision] : [revision]
  while (revisions.length > 1 && revisions.join(',').length > historyLengthMax) revisions.shift()
  return revision.length > historyLengthMax ? undefined : revisions.join(',')
}

/** Lowest revision first; ties, and what has no integer, by age (B-66). */
export function byRevision(a: ReplicaSet, b: ReplicaSet): number {
  const [left, right] = [revisionOf(a), revisionOf(b)]
  if (left === undefined || right === undefined || left === right) return byCreation(a, b)
  return left < right ? -1 : 1
}
