import { semanticEqual } from '../api/equality.ts'
import type { Deployment, DeploymentStatus, ReplicaSet } from '../api/generated/types.ts'
import { revisionAnnotation } from '../api/names.ts'
import type { DeploymentAction, DeploymentPlan } from './deployment-plan.ts'
import { replicaSetsToDelete } from './history-cleanup.ts'
import { desiredNewReplicaSet, syncedNewReplicaSet } from './new-replica-set.ts'
import { type ObservedDeployment, withNewReplicaSet } from './observed-deployment.ts'
import { beginProgress, isComplete, progressCheckMs, progressingCondition } from './progress.ts'
import { nextNewReplicas } from './rolling.ts'
import { scalingEvent } from './scale-actions.ts'
import { withReplicas } from './sizes.ts'
import { countedStatus, rolloutStatus } from './status.ts'

/**
 * What a step of a pass leaves to the next: the world as it will be, and the writes that lead
 * there.
 */
export interface Step<O extends ObservedDeployment = ObservedDeployment> {
  readonly observed: O
  readonly actions: readonly DeploymentAction[]
}

type WithNew = ObservedDeployment & { readonly newReplicaSet: ReplicaSet }

export function andThen(step: Step, actions: readonly DeploymentAction[]): Step {
  return { ...step, actions: [...step.actions, ...actions] }
}

/** Brings an existing new ReplicaSet up to date (B-17, B-18, B-21, B-26); creates none. */
export function syncNewReplicaSet(observed: ObservedDeployment, nowMs: number): Step {
  const { newReplicaSet } = observed
  return newReplicaSet
    ? syncExisting({ ...observed, newReplicaSet }, nowMs)
    : { observed, actions: [] }
}

/** The same, and creates the new ReplicaSet where there is none (B-12, B-13, B-16). */
export function ensureNewReplicaSet(observed: ObservedDeployment, nowMs: number): Step<WithNew> {
  const { newReplicaSet } = observed
  return newReplicaSet
    ? syncExisting({ ...observed, newReplicaSet }, nowMs)
    : createNew(observed, nowMs)
}

function syncExisting(observed: WithNew, nowMs: number): Step<WithNew> {
  const { newReplicaSet: existing, oldReplicaSets } = observed
  const newReplicaSet = syncedNewReplicaSet(observed.deployment, existing, oldReplicaSets)
  const found = progressingCondition('True', nowMs, {
    reason: 'FoundNewReplicaSet',
    message: `Found new replica set "${existing.metadata.name}"`,
  })
  const deployment = beginProgress(observed.deployment, found, 'ifAbsent')
  const actions: readonly DeploymentAction[] =
    newReplicaSet === existing ? [] : [{ type: 'updateReplicaSet', replicaSet: newReplicaSet }]
  return { observed: stepTo({ ...observed, deployment }, newReplicaSet), actions }
}

function createNew(observed: ObservedDeployment, nowMs: number): Step<WithNew> {
  const { oldReplicaSets } = observed
  const empty = desiredNewReplicaSet(observed.deployment, oldReplicaSets)
  const size = nextNewReplicas(observed.deployment, empty, [...oldReplicaSets, empty])
  const replicaSet = withReplicas(empty, size)
  const name = replicaSet.metadata.name ?? ''
  const created = progressingCondition('True', nowMs, {
    reason: 'NewReplicaSetCreated',
    message: `Created new replica set "${name}"`,
  })
  const deployment = beginProgress(observed.deployment, created, 'always')
  const event = size > 0 ? { event: scalingEvent(name, 0, size) } : {}
  return {
    observed: stepTo({ ...observed, deployment }, replicaSet),
    actions: [{ type: 'createReplicaSet', replicaSet, ...event }],
  }
}

function stepTo(observed: ObservedDeployment, newReplicaSet: ReplicaSet): WithNew {
  return { ...withNewReplicaSet(observed, newReplicaSet), newReplicaSet }
}

export function deleteActions({
  deployment,
  oldReplicaSets,
}: ObservedDeployment): readonly DeploymentAction[] {
  return replicaSetsToDelete(deployment, oldReplicaSets).map((replicaSet) => ({
    type: 'deleteReplicaSet',
    replicaSet,
  }))
}

/** The history is cut once the stored status says that the rollout is complete (B-65). */
export function cleanupActions(observed: ObservedDeployment): readonly DeploymentAction[] {
  const { deployment } = observed
  return isComplete(deployment, deployment.status) ? deleteActions(observed) : []
}

/** Ends a rollout pass with the status, if it differs from the `stored` Deployment's (B-53..57). */
export function finishRollout(stored: Deployment, step: Step, nowMs: number): DeploymentPlan {
  const status = rolloutStatus(step.observed, nowMs)
  const requeueAfterMs = progressCheckMs(stored, status, nowMs)
  const actions = [...step.actions, ...statusActions(stored, status, step)]
  return requeueAfterMs === undefined ? { actions } : { actions, requeueAfterMs }
}

/** Ends a pass that rolls nothing: progress is not judged (B-51, B-52). */
export function finishCounts(stored: Deployment, step: Step, nowMs: number): DeploymentPlan {
  const status = countedStatus(step.observed, nowMs)
  return { actions: [...step.actions, ...statusActions(stored, status, step)] }
}

function statusActions(
  stored: Deployment,
  status: DeploymentStatus,
  { observed }: Step,
): readonly DeploymentAction[] {
  const revision = observed.newReplicaSet?.metadata.annotations?.[revisionAnnotation]
  const isRevisionNew =
    revision !== undefined && revision !== stored.metadata.annotations?.[revisionAnnotation]
  return isRevisionNew || !semanticEqual('DeploymentStatus', stored.status ?? {}, status)
    ? [{ type: 'updateStatus', status, revision }]
    : []
}
