import type { Pod, StatefulSetStatus } from '../api/generated/types.ts'
import { isTerminating } from '../api/object.ts'
import {
  desiredStatefulReplicas,
  isRunningAndAvailable,
  isRunningAndReady,
  type ObservedStatefulSet,
} from './stateful-set-replicas.ts'
import { revisionNameOf } from './stateful-set-revisions.ts'

/** D-17, D-18. `leaving`: pods that this pass deletes for the update. */
export function statefulSetStatus(
  observed: ObservedStatefulSet,
  nowMs: number,
  leaving: readonly Pod[] = [],
): StatefulSetStatus {
  const { statefulSet, pods, currentRevision, updateRevision, collisionCount } = observed
  const count = (is: (pod: Pod) => boolean) => pods.filter(is).length
  const at = (name: string | undefined) => (pod: Pod) =>
    !isTerminating(pod) && revisionNameOf(pod) === name
  const isCurrent = at(currentRevision.metadata.name)
  const { conditions } = statefulSet.status ?? {}
  const counts = {
    replicas: pods.length,
    readyReplicas: count(isRunningAndReady),
    availableReplicas: count((pod) => isRunningAndAvailable(pod, statefulSet, nowMs)),
    currentReplicas: count((pod) => isCurrent(pod) && !leaving.includes(pod)),
    updatedReplicas: count(at(updateRevision.metadata.name)),
  }
  return completed(observed, {
    observedGeneration: statefulSet.metadata.generation ?? 0,
    ...counts,
    currentRevision: currentRevision.metadata.name ?? '',
    updateRevision: updateRevision.metadata.name ?? '',
    collisionCount,
    ...(conditions && { conditions }),
  })
}

/** Once every pod is updated and ready, the update's revision is the current one (D-18). */
function completed(
  { statefulSet, updateRevision }: ObservedStatefulSet,
  status: StatefulSetStatus,
): StatefulSetStatus {
  const { updatedReplicas = 0, readyReplicas, replicas } = status
  const isRolling = statefulSet.spec?.updateStrategy?.type === 'RollingUpdate'
  const wanted = desiredStatefulReplicas(statefulSet)
  const isComplete = [updatedReplicas, readyReplicas, replicas].every((count) => count === wanted)
  if (!isRolling || !isComplete) return status
  return {
    ...status,
    currentReplicas: updatedReplicas,
    currentRevision: updateRevision.metadata.name ?? '',
  }
}
