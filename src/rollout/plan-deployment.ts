import type { Deployment } from '../api/generated/types.ts'
import { isTerminating } from '../api/object.ts'
import type { DeploymentAction, DeploymentPlan } from './deployment-plan.ts'
import {
  andThen,
  cleanupActions,
  deleteActions,
  ensureNewReplicaSet,
  finishCounts,
  finishRollout,
  syncNewReplicaSet,
} from './deployment-steps.ts'
import { legacyRollbackActions, rollbackRequest } from './legacy-rollback.ts'
import type { ObservedDeployment } from './observed-deployment.ts'
import { pauseConditions } from './progress.ts'
import { isScalingEvent, scalingActions } from './proportional.ts'
import { oldPodsRun } from './recreate.ts'
import { drainActions, rollingActions } from './rolling.ts'
import { scaleAction } from './scale-actions.ts'
import { desiredReplicas, isRecreate, specOf } from './sizes.ts'

/**
 * One pass over a Deployment, as one sync of upstream's controller (B.1): what to write, in which
 * order. Pure: the same record and time give the same plan.
 */
export function planDeployment(observed: ObservedDeployment, nowMs: number): DeploymentPlan {
  const { deployment } = observed
  if (selectsEverything(deployment)) return planSelectingAll(deployment)
  if (isTerminating(deployment)) {
    return finishCounts(deployment, { observed, actions: [] }, nowMs)
  }
  const conditions = pauseConditions(deployment, nowMs)
  if (conditions) {
    const status = { ...deployment.status, conditions }
    return { actions: [{ type: 'updateStatus', status, revision: undefined }] }
  }
  if (specOf(deployment).paused) return planPaused(observed, nowMs)

  const toRevision = rollbackRequest(deployment)
  if (toRevision !== undefined) return planLegacyRollback(observed, toRevision, nowMs)

  const scaling = isScalingEvent(observed) ? planScaling(observed, nowMs) : undefined
  if (scaling) return scaling
  return isRecreate(deployment) ? planRecreate(observed, nowMs) : planRolling(observed, nowMs)
}

/** B-31. */
function planRolling(observed: ObservedDeployment, nowMs: number): DeploymentPlan {
  const step = ensureNewReplicaSet(observed, nowMs)
  const scaling = rollingActions(step.observed)
  const last = scaling.length > 0 ? scaling : cleanupActions(observed)
  return finishRollout(observed.deployment, andThen(step, last), nowMs)
}

/** B-49. */
function planRecreate(observed: ObservedDeployment, nowMs: number): DeploymentPlan {
  const { deployment } = observed
  const draining = drainActions(observed)
  if (draining.length > 0 || oldPodsRun(observed)) {
    const step = syncNewReplicaSet(observed, nowMs)
    return finishRollout(deployment, andThen(step, draining), nowMs)
  }
  const step = ensureNewReplicaSet(observed, nowMs)
  const growth = scaleAction(deployment, step.observed.newReplicaSet, desiredReplicas(deployment))
  const last = [...growth, ...cleanupActions(observed)]
  return finishRollout(deployment, andThen(step, last), nowMs)
}

/**
 * Never creates a ReplicaSet and never rolls, but scales and cuts the history (B-03, B-48, B-65).
 */
function planPaused(observed: ObservedDeployment, nowMs: number): DeploymentPlan {
  const { deployment } = observed
  const step = syncNewReplicaSet(observed, nowMs)
  const scaling = scalingActions(step.observed) ?? []
  const cleanup = rollbackRequest(deployment) === undefined ? deleteActions(observed) : []
  return finishCounts(deployment, andThen(step, [...scaling, ...cleanup]), nowMs)
}

/** B-41..45; undefined where no rule of scaling applies and the rollout goes on. */
function planScaling(observed: ObservedDeployment, nowMs: number): DeploymentPlan | undefined {
  const step = syncNewReplicaSet(observed, nowMs)
  const scaling = scalingActions(step.observed)
  return scaling && finishCounts(observed.deployment, andThen(step, scaling), nowMs)
}

/** B-85. The status follows with the next pass. */
function planLegacyRollback(
  observed: ObservedDeployment,
  toRevision: bigint,
  nowMs: number,
): DeploymentPlan {
  const step = ensureNewReplicaSet(observed, nowMs)
  const { actions } = andThen(step, legacyRollbackActions(step.observed, toRevision))
  return { actions }
}

function selectsEverything(deployment: Deployment): boolean {
  const { matchLabels = {}, matchExpressions = [] } = specOf(deployment).selector
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0
}

function planSelectingAll(deployment: Deployment): DeploymentPlan {
  const { generation = 0 } = deployment.metadata
  const message = 'This deployment is selecting all pods. A non-empty selector is required.'
  const warning: DeploymentAction = {
    type: 'event',
    event: { type: 'Warning', reason: 'SelectingAll', message },
  }
  if ((deployment.status?.observedGeneration ?? 0) >= generation) return { actions: [warning] }
  const status = { ...deployment.status, observedGeneration: generation }
  return { actions: [warning, { type: 'updateStatus', status, revision: undefined }] }
}
