import type { Pod, PodTemplateSpec, StatefulSet } from '../../api/generated/types.ts'
import { isTerminating } from '../../api/object.ts'
import { isPodReady, isPodTerminal } from '../../api/pod-facts.ts'
import {
  desiredStatefulReplicas,
  isHealthy,
  type Replica,
  replicasOf,
} from '../../rollout/stateful-set-replicas.ts'
import { revisionNameOf } from '../../rollout/stateful-set-revisions.ts'
import { isSameTemplate } from '../template.ts'
import { heldBack, isOnDelete, observeSet, onDelete, rollingUntilOverdue } from './set-revisions.ts'
import type { RolloutStage, WorkloadRevisions, WorkloadRules } from './workload-rules.ts'

/** A StatefulSet moves its pods itself, from the highest ordinal down to the partition (D-14). */
export const statefulSetRules: WorkloadRules<StatefulSet> = {
  observe: (transport, set) => observeSet(transport, set, ({ metadata }) => metadata.name ?? ''),
  size: desiredStatefulReplicas,
  stage,
  isPaused: () => false,
  undoBringsAnnotations: false,
  fixedFields: ['selector', 'serviceName', 'podManagementPolicy', 'volumeClaimTemplates'],
  brake(set) {
    if (isOnDelete(set)) return onDelete
    const partition = partitionOf(set)
    return partition > 0 ? `partition=${partition}` : undefined
  },
  podsInTheWay,
  podsThatWouldBlock,
}

function partitionOf({ spec }: StatefulSet): number {
  return spec?.updateStrategy?.rollingUpdate?.partition ?? 0
}

/** Whether the controller has seen the live template, and says of what it counts the pods. */
function isSeen({ metadata, status }: StatefulSet, { running }: WorkloadRevisions): boolean {
  const isObserved = (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0)
  return isObserved && status?.updateRevision === running?.object.metadata.name
}

function stage(set: StatefulSet, revisions: WorkloadRevisions, nowMs: number): RolloutStage {
  if (!isSeen(set, revisions)) return { stage: 'unseen' }
  const size = desiredStatefulReplicas(set)
  const { updatedReplicas = 0, readyReplicas = 0 } = set.status ?? {}
  const { availableReplicas = readyReplicas } = set.status ?? {}
  if (updatedReplicas >= size && availableReplicas >= size) return { stage: 'done' }
  const { pods, outdatedPods } = revisions
  const isHeld = isOnDelete(set) ? pods.every(isPodReady) : isDownToPartition(set, pods)
  const brake = statefulSetRules.brake(set)
  return brake !== undefined && isHeld && updatedReplicas < size
    ? heldBack(size - updatedReplicas, brake, outdatedPods)
    : rollingUntilOverdue(pods, nowMs)
}

function isDownToPartition(set: StatefulSet, pods: readonly Pod[]): boolean {
  const wanted = Math.max(desiredStatefulReplicas(set) - partitionOf(set), 0)
  return pods.filter(isPodReady).length >= wanted
}

/** D-12: it waits for the first in order that is not well, and so never comes to replace it. */
function podsInTheWay(set: StatefulSet, revisions: WorkloadRevisions): readonly Pod[] {
  if (!isSeen(set, revisions)) return []
  const [first] = movable(set, revisions, ({ pod }) => !pod || !isHealthy(pod))
  return first && revisions.outdatedPods.includes(first) && isStuck(first) ? [first] : []
}

function podsThatWouldBlock(
  set: StatefulSet,
  revisions: WorkloadRevisions,
  target: PodTemplateSpec,
): readonly Pod[] {
  const kept = revisions.revisions.findLast(({ template }) => isSameTemplate(template, target))
  const name = kept?.object.metadata.name
  const all = movable(set, revisions, ({ pod }) => pod !== undefined)
  return all.flatMap((pod) => (pod && isStuck(pod) && revisionNameOf(pod) !== name ? [pod] : []))
}

/** The places in order that are so; none where it does not wait, or leaves the pods to others. */
function movable(
  set: StatefulSet,
  { pods, outdatedPods }: WorkloadRevisions,
  isSo: (replica: Replica) => boolean,
): readonly (Pod | undefined)[] {
  if (set.spec?.podManagementPolicy === 'Parallel' || isOnDelete(set)) return []
  const { wanted } = replicasOf({ statefulSet: set, pods: [...pods, ...outdatedPods] })
  const partition = partitionOf(set)
  // One below the partition is no matter of ours, but what comes after waits for it.
  return wanted.flatMap((each, index) =>
    isSo(each) ? [index < partition ? undefined : each.pod] : [],
  )
}

/** Neither ready nor about to go by itself. */
function isStuck(pod: Pod): boolean {
  return !isTerminating(pod) && !isPodTerminal(pod) && !isPodReady(pod)
}
