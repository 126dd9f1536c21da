import type { Deployment, ReplicaSet } from '../api/generated/types.ts'
import { isTerminating } from '../api/object.ts'
import { byRevision } from './revisions.ts'
import { actualReplicas, specOf, specReplicas } from './sizes.ts'

/**
 * The old ReplicaSets beyond `revisionHistoryLimit`, lowest revision first, that can go now (B-66,
 * B-67).
 */
export function replicaSetsToDelete(
  deployment: Deployment,
  oldReplicaSets: readonly ReplicaSet[],
): readonly ReplicaSet[] {
  const limit = specOf(deployment).revisionHistoryLimit
  if (limit === undefined) return []
  const candidates = oldReplicaSets.filter((old) => !isTerminating(old)).sort(byRevision)
  // One that still has pods is passed over, not replaced by a later one.
  return candidates.slice(0, Math.max(candidates.length - limit, 0)).filter(isDrained)
}

function isDrained(replicaSet: ReplicaSet): boolean {
  return (
    specReplicas(replicaSet) === 0 &&
    actualReplicas(replicaSet) === 0 &&
    (replicaSet.status?.observedGeneration ?? 0) >= (replicaSet.metadata.generation ?? 0)
  )
}
