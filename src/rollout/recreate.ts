import type { Pod } from '../api/generated/types.ts'
import type { ObservedDeployment } from './observed-deployment.ts'
import { actualReplicas, sum } from './sizes.ts'

function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/**
 * Whether a pod of an older template may still run: the new one must not begin before (B-49).
 * Terminating pods count.
 */
export function oldPodsRun(observed: ObservedDeployment): boolean {
  if (sum(observed.oldReplicaSets, actualReplicas) > 0) return true
  const newUid = observed.newReplicaSet?.metadata.uid
  for (const [uid, pods] of observed.podsByReplicaSet) {
    if (uid !== newUid && !pods.every(hasEnded)) return true
  }
  return false
}
