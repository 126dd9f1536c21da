import type { Deployment, ReplicaSet } from '../api/generated/types.ts'
import type { DeploymentAction } from './deployment-plan.ts'
import type { ObservedDeployment } from './observed-deployment.ts'
import { rolloutLimits } from './rollout-limits.ts'
import { scaleAction } from './scale-actions.ts'
import { availableReplicas, isRecreate, specReplicas, sum, withReplicas } from './sizes.ts'

/** The size of the new ReplicaSet, as far as maxSurge lets it grow (B-32, B-33). */
export function nextNewReplicas(
  deployment: Deployment,
  newReplicaSet: ReplicaSet,
  replicaSets: readonly ReplicaSet[],
): number {
  const { replicas, maxTotal } = rolloutLimits(deployment)
  const own = specReplicas(newReplicaSet)
  if (isRecreate(deployment) || own >= replicas) return replicas
  const room = Math.max(maxTotal - sum(replicaSets, specReplicas), 0)
  return own + Math.min(room, replicas - own)
}

/** One step of a rolling update: the new ReplicaSet if it can move, else the old ones (B-31). */
export function rollingActions(
  observed: ObservedDeployment & { readonly newReplicaSet: ReplicaSet },
): readonly DeploymentAction[] {
  const { deployment, newReplicaSet, replicaSets } = observed
  const size = nextNewReplicas(deployment, newReplicaSet, replicaSets)
  const growth = scaleAction(deployment, newReplicaSet, size)
  return growth.length > 0 ? growth : scaleDownActions(observed)
}

/**
 * Old ReplicaSets shrink, oldest first: by pods that are not available, then by what exceeds the
 * minimum of available pods (B-34..36).
 */
function scaleDownActions(
  observed: ObservedDeployment & { readonly newReplicaSet: ReplicaSet },
): readonly DeploymentAction[] {
  const { deployment, newReplicaSet, replicaSets, activeOldReplicaSets } = observed
  const { minAvailable } = rolloutLimits(deployment)
  const newUnavailable = specReplicas(newReplicaSet) - availableReplicas(newReplicaSet)
  const budget = sum(replicaSets, specReplicas) - minAvailable - newUnavailable
  if (activeOldReplicaSets.length === 0 || budget <= 0 || replicaSets.some(isBehind)) return []

  const cleaned = cleanUpUnhealthy(activeOldReplicaSets, budget)
  const cleanups = resizeActions(deployment, activeOldReplicaSets, cleaned.replicaSets)
  if (cleaned.isStale) return cleanups
  const surplus = sum(replicaSets, availableReplicas) - minAvailable
  const drained = drainOldest(cleaned.replicaSets, surplus)
  return [...cleanups, ...resizeActions(deployment, cleaned.replicaSets, drained)]
}

/**
 * Its controller has not seen its present size: a ReplicaSet that was shrunk and has to grow again
 * (an undo in the middle of a rollout) may still report pods as available that are going.
 */
function isBehind({ metadata, status }: ReplicaSet): boolean {
  return (metadata.generation ?? 0) > (status?.observedGeneration ?? 0)
}

/**
 * Takes from each ReplicaSet the pods that are not available, `budget` in all (B-35). One that
 * claims more available pods than it wants has a stale status: nothing can be said of it or of
 * those after it until its controller has caught up.
 */
function cleanUpUnhealthy(
  oldReplicaSets: readonly ReplicaSet[],
  budget: number,
): { readonly replicaSets: readonly ReplicaSet[]; readonly isStale: boolean } {
  let left = budget
  let isStale = false
  const replicaSets = oldReplicaSets.map((replicaSet) => {
    const unhealthy = specReplicas(replicaSet) - availableReplicas(replicaSet)
    if (left > 0 && unhealthy < 0) isStale = true
    if (isStale || left <= 0) return replicaSet
    const given = Math.min(left, unhealthy)
    left -= given
    return withReplicas(replicaSet, specReplicas(replicaSet) - given)
  })
  return { replicaSets, isStale }
}

/** Takes `surplus` pods from the oldest first (B-36). */
function drainOldest(
  oldReplicaSets: readonly ReplicaSet[],
  surplus: number,
): readonly ReplicaSet[] {
  let left = Math.max(surplus, 0)
  return oldReplicaSets.map((replicaSet) => {
    const given = Math.min(left, specReplicas(replicaSet))
    left -= given
    return withReplicas(replicaSet, specReplicas(replicaSet) - given)
  })
}

function resizeActions(
  deployment: Deployment,
  before: readonly ReplicaSet[],
  after: readonly ReplicaSet[],
): readonly DeploymentAction[] {
  return before.flatMap((replicaSet, i) => {
    const size = specReplicas(after[i] ?? replicaSet)
    return scaleAction(deployment, replicaSet, size).map((action) => ({ ...action, mayFail: true }))
  })
}

/** Every old ReplicaSet that wants pods goes to 0. */
export function drainActions(observed: ObservedDeployment): readonly DeploymentAction[] {
  const { deployment, activeOldReplicaSets } = observed
  return activeOldReplicaSets.flatMap((old) => scaleAction(deployment, old, 0))
}
