import { findCondition, withoutCondition } from '../api/condition.ts'
import type { DeploymentCondition, DeploymentStatus, ReplicaSet } from '../api/generated/types.ts'
import { timestamp } from '../base/clock.ts'
import { withCondition } from './conditions.ts'
import type { ObservedDeployment } from './observed-deployment.ts'
import { type Conditions, judgeProgress } from './progress.ts'
import { rolloutLimits } from './rollout-limits.ts'
import { actualReplicas, availableReplicas, readyReplicas, specReplicas, sum } from './sizes.ts'

type FullStatus = DeploymentStatus & { readonly conditions: Conditions }

/** Counts and the Available condition (B-51, B-52); Progressing stays as it is. */
export function countedStatus(observed: ObservedDeployment, nowMs: number): FullStatus {
  const { deployment, newReplicaSet, replicaSets } = observed
  const available = sum(replicaSets, availableReplicas)
  const { minAvailable } = rolloutLimits(deployment)
  const conditions = deployment.status?.conditions ?? []
  const { collisionCount } = deployment.status ?? {}
  const counts = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sum(replicaSets, actualReplicas),
    updatedReplicas: newReplicaSet ? actualReplicas(newReplicaSet) : 0,
    readyReplicas: sum(replicaSets, readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(sum(replicaSets, specReplicas) - available, 0),
  }
  return {
    ...withoutZeros(counts),
    ...terminatingCount(replicaSets),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withCondition(conditions, availability(available >= minAvailable, nowMs)),
  }
}

/** The same with Progressing and ReplicaFailure judged: the end of a rollout pass (B-53..57). */
export function rolloutStatus(observed: ObservedDeployment, nowMs: number): FullStatus {
  const { deployment, newReplicaSet } = observed
  const counted = countedStatus(observed, nowMs)
  const conditions = judgeProgress(deployment, counted, { newReplicaSet, nowMs })
  const failure = replicaFailure(observed)
  return {
    ...counted,
    conditions: failure
      ? withCondition(conditions, failure)
      : withoutCondition(conditions, 'ReplicaFailure'),
  }
}

/** Go omits zeros; an absent count is 0. */
function withoutZeros<T extends object>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as Partial<T>
}

/** V-08: unknown as long as one ReplicaSet does not tell. */
function terminatingCount(replicaSets: readonly ReplicaSet[]): DeploymentStatus {
  const isKnown = replicaSets.every(({ status }) => status?.terminatingReplicas !== undefined)
  if (!isKnown) return {}
  return { terminatingReplicas: sum(replicaSets, (each) => each.status?.terminatingReplicas ?? 0) }
}

function availability(isAvailable: boolean, nowMs: number): DeploymentCondition {
  const now = timestamp(nowMs)
  return {
    type: 'Available',
    status: isAvailable ? 'True' : 'False',
    lastUpdateTime: now,
    lastTransitionTime: now,
    ...(isAvailable
      ? { reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
      : {
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        }),
  }
}

/** The new ReplicaSet's failure, else the first of another (B-57). */
function replicaFailure(observed: ObservedDeployment): DeploymentCondition | undefined {
  const { newReplicaSet, oldReplicaSets } = observed
  for (const replicaSet of newReplicaSet ? [newReplicaSet, ...oldReplicaSets] : oldReplicaSets) {
    const failure = findCondition(replicaSet.status?.conditions, 'ReplicaFailure')
    if (failure) return { ...failure, lastUpdateTime: failure.lastTransitionTime }
  }
  return undefined
}
