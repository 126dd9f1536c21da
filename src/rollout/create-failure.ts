import type { Deployment, DeploymentStatus } from '../api/generated/types.ts'
import type { PlannedEvent } from './deployment-plan.ts'
import { beginProgress, progressingCondition } from './progress.ts'

/** The status when the new ReplicaSet's name is taken: the next hash will differ (B-14). */
export function collidedStatus({ status }: Deployment): DeploymentStatus {
  return { ...status, collisionCount: (status?.collisionCount ?? 0) + 1 }
}

export interface CreateFailure {
  readonly status: DeploymentStatus
  readonly event: PlannedEvent
}

/** What is told when the new ReplicaSet cannot be created (B-15). */
export function createFailure(
  deployment: Deployment,
  why: { readonly replicaSetName: string; readonly error: string },
  nowMs: number,
): CreateFailure {
  const reason = 'ReplicaSetCreateError'
  const message = `Failed to create new replica set "${why.replicaSetName}": ${why.error}`
  const condition = progressingCondition('False', nowMs, { reason, message })
  return {
    status: beginProgress(deployment, condition, 'always').status ?? {},
    event: { type: 'Warning', reason, message },
  }
}
