import type { Deployment, ReplicaSet } from '../api/generated/types.ts'
import type { DeploymentAction } from './deployment-plan.ts'
import type { ObservedDeployment } from './observed-deployment.ts'
import { bySizeNewer, bySizeOlder } from './order.ts'
import { desiredReplicasAnnotated, maxReplicasAnnotated } from './replica-set-annotations.ts'
import { drainActions } from './rolling.ts'
import { rolloutLimits } from './rollout-limits.ts'
import { scaleAction, scaleOrAnnotateAction } from './scale-actions.ts'
import { availableReplicas, desiredReplicas, isRecreate, specReplicas, sum } from './sizes.ts'

/** Whether `spec.replicas` has changed since an active ReplicaSet was last scaled (B-40). */
export function isScalingEvent({ deployment, activeReplicaSets }: ObservedDeployment): boolean {
  return activeReplicaSets.some((replicaSet) => {
    const annotated = desiredReplicasAnnotated(replicaSet)
    return annotated !== undefined && annotated !== desiredReplicas(deployment)
  })
}

/**
 * Brings the ReplicaSets to the Deployment's size without rolling (B-41..45). Undefined when there
 * is no rule for it: Recreate with several active ReplicaSets (B-47), where the rollout itself must
 * go on.
 */
export function scalingActions(
  observed: ObservedDeployment,
): readonly DeploymentAction[] | undefined {
  const { deployment, newReplicaSet, oldReplicaSets, activeReplicaSets } = observed
  if (activeReplicaSets.length <= 1) {
    const only = activeReplicaSets[0] ?? newReplicaSet ?? oldReplicaSets.at(-1)
    // Where a hand has scaled it already, its annotations are renewed: else B-40 would hold for
    // ever.
    const scale = isScalingEvent(observed) ? scaleOrAnnotateAction : scaleAction
    return only ? scale(deployment, only, desiredReplicas(deployment)) : []
  }
  if (isSaturated(deployment, newReplicaSet)) return drainActions(observed)
  return isRecreate(deployment) ? undefined : proportionalActions(deployment, activeReplicaSets)
}

/** B-42. */
function isSaturated(deployment: Deployment, newReplicaSet: ReplicaSet | undefined): boolean {
  if (!newReplicaSet) return false
  const replicas = desiredReplicas(deployment)
  return (
    specReplicas(newReplicaSet) === replicas &&
    desiredReplicasAnnotated(newReplicaSet) === replicas &&
    availableReplicas(newReplicaSet) === replicas
  )
}

function proportionalActions(
  deployment: Deployment,
  activeReplicaSets: readonly ReplicaSet[],
): readonly DeploymentAction[] {
  return proportionalSizes(deployment, activeReplicaSets).flatMap(({ replicaSet, size }) =>
    scaleOrAnnotateAction(deployment, replicaSet, size),
  )
}

export interface Sizing {
  readonly replicaSet: ReplicaSet
  readonly size: number
}

/**
 * Shares what is to be added or removed by the sizes the ReplicaSets had (B-43..45), so that a
 * rollout which is stuck keeps its proportion of old and new pods.
 */
export function proportionalSizes(
  deployment: Deployment,
  activeReplicaSets: readonly ReplicaSet[],
): readonly Sizing[] {
  const { replicas, maxTotal } = rolloutLimits(deployment)
  const allowed = replicas > 0 ? maxTotal : 0
  const toAdd = allowed - sum(activeReplicaSets, specReplicas)
  const sorted = [...activeReplicaSets].sort(toAdd > 0 ? bySizeNewer : bySizeOlder)
  let left = toAdd
  const sizings = sorted.map((replicaSet) => {
    const share = clippedShare(shareOf(deployment, replicaSet), left)
    left -= share
    return { replicaSet, size: specReplicas(replicaSet) + share }
  })
  return sizings.map((sizing, i) =>
    i === 0 ? { ...sizing, size: Math.max(sizing.size + left, 0) } : sizing,
  )
}

/** Never past what is left to add (or, negative, to remove). */
function clippedShare(share: number, left: number): number {
  if (left === 0) return 0
  return left > 0 ? Math.min(share, left) : Math.max(share, left)
}

/** How much a ReplicaSet would grow or shrink to keep its fraction of all pods (B-44). */
function shareOf(deployment: Deployment, replicaSet: ReplicaSet): number {
  const { replicas, maxTotal } = rolloutLimits(deployment)
  const size = specReplicas(replicaSet)
  if (replicas === 0) return -size
  const maxTotalBefore = maxReplicasAnnotated(replicaSet) || (deployment.status?.replicas ?? 0)
  // Its annotation was removed and no pod exists: nothing tells what its fraction was.
  if (maxTotalBefore === 0) return 0
  return roundHalfAwayFromZero((size * maxTotal) / maxTotalBefore) - size
}

function roundHalfAwayFromZero(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value))
}
