import type { Deployment, ReplicaSet } from '../api/generated/types.ts'
import {
  desiredReplicasAnnotation,
  lastAppliedAnnotation,
  maxReplicasAnnotation,
  revisionAnnotation,
  revisionHistoryAnnotation,
  rollbackToAnnotation,
} from '../api/names.ts'
import { rolloutLimits } from './rollout-limits.ts'

export type Annotations = { readonly [key: string]: string }

/**
 * Annotations that stay with the object they are on: neither rollout nor undo copies them (B-26,
 * B-80).
 */
const notCopied: ReadonlySet<string> = new Set([
  lastAppliedAnnotation,
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  rollbackToAnnotation,
])

function filterAnnotations(
  annotations: Annotations | undefined,
  keep: (key: string) => boolean,
): Annotations {
  return Object.fromEntries(Object.entries(annotations ?? {}).filter(([key]) => keep(key)))
}

/** What travels between a Deployment and its ReplicaSets. */
export function copiedAnnotations(annotations: Annotations | undefined): Annotations {
  return filterAnnotations(annotations, (key) => !notCopied.has(key))
}

/** What stays. */
export function ownAnnotations(annotations: Annotations | undefined): Annotations {
  return filterAnnotations(annotations, (key) => notCopied.has(key))
}

/** The size that a ReplicaSet was last scaled for (B-25): proportional scaling reads it later. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const { replicas, maxTotal } = rolloutLimits(deployment)
  return {
    [desiredReplicasAnnotation]: String(replicas),
    [maxReplicasAnnotation]: String(maxTotal),
  }
}

function integerAnnotation(replicaSet: ReplicaSet, key: string): number | undefined {
  const text = replicaSet.metadata.annotations?.[key]
  return text !== undefined && /^[-+]?\d{1,10}$/.test(text) ? Number(text) : undefined
}

export function desiredReplicasAnnotated(replicaSet: ReplicaSet): number | undefined {
  return integerAnnotation(replicaSet, desiredReplicasAnnotation)
}

export function maxReplicasAnnotated(replicaSet: ReplicaSet): number | undefined {
  return integerAnnotation(replicaSet, maxReplicasAnnotation)
}

/** The ReplicaSet with these annotations over its own; the same object when it has them all. */
export function withAnnotations(replicaSet: ReplicaSet, annotations: Annotations): ReplicaSet {
  const own = replicaSet.metadata.annotations ?? {}
  if (Object.entries(annotations).every(([key, value]) => own[key] === value)) return replicaSet
  const metadata = { ...replicaSet.metadata, annotations: { ...own, ...annotations } }
  return { ...replicaSet, metadata }
}
