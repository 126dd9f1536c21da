import type { DaemonSet } from '../../api/generated/types.ts'
import { isPodReady } from '../../api/pod-facts.ts'
import { hashOf } from '../../rollout/daemon-set-history.ts'
import { heldBack, isOnDelete, observeSet, onDelete, rollingUntilOverdue } from './set-revisions.ts'
import type { RolloutStage, WorkloadRevisions, WorkloadRules } from './workload-rules.ts'

/** A DaemonSet has as many pods as there are nodes for it; what is down goes first (D-34). */
export const daemonSetRules: WorkloadRules<DaemonSet> = {
  observe: (transport, set) => observeSet(transport, set, hashOf),
  size: ({ status }) => status?.desiredNumberScheduled ?? 0,
  stage,
  isPaused: () => false,
  undoBringsAnnotations: false,
  fixedFields: ['selector'],
  brake: (set) => (isOnDelete(set) ? onDelete : undefined),
  podsInTheWay: () => [],
  podsThatWouldBlock: () => [],
}

function stage(set: DaemonSet, revisions: WorkloadRevisions, nowMs: number): RolloutStage {
  const { metadata, status } = set
  const { running, pods, outdatedPods } = revisions
  if (!running || (metadata.generation ?? 0) > (status?.observedGeneration ?? 0)) {
    return { stage: 'unseen' }
  }
  const { desiredNumberScheduled: size = 0, updatedNumberScheduled: updated = 0 } = status ?? {}
  if (updated >= size && (status?.numberAvailable ?? 0) >= size) return { stage: 'done' }
  return isOnDelete(set) && updated < size && pods.every(isPodReady)
    ? heldBack(size - updated, onDelete, outdatedPods)
    : rollingUntilOverdue(pods, nowMs)
}
