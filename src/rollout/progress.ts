import { findCondition, withoutCondition } from '../api/condition.ts'
import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
  ReplicaSet,
} from '../api/generated/types.ts'
import { timestamp } from '../base/clock.ts'
import { withCondition } from './conditions.ts'
import { desiredReplicas, specOf } from './sizes.ts'

export type Conditions = readonly DeploymentCondition[]

/** Upstream takes the largest int32 for no deadline. */
const noDeadlineSeconds = 2_147_483_647

/** In milliseconds; undefined: progress is not watched. */
export function progressDeadlineMs(deployment: Deployment): number | undefined {
  const seconds = specOf(deployment).progressDeadlineSeconds
  return seconds === undefined || seconds === noDeadlineSeconds ? undefined : seconds * 1000
}

export function progressingCondition(
  status: 'True' | 'False' | 'Unknown',
  nowMs: number,
  why: { readonly reason: string; readonly message: string },
): DeploymentCondition {
  const now = timestamp(nowMs)
  return { type: 'Progressing', status, lastUpdateTime: now, lastTransitionTime: now, ...why }
}

/** B-16, B-17: the beginning of a rollout, from which the deadline counts. */
export function beginProgress(
  deployment: Deployment,
  condition: DeploymentCondition,
  when: 'always' | 'ifAbsent',
): Deployment {
  if (progressDeadlineMs(deployment) === undefined) return deployment
  const conditions = deployment.status?.conditions ?? []
  if (when === 'ifAbsent' && findCondition(conditions, 'Progressing')) return deployment
  return {
    ...deployment,
    status: { ...deployment.status, conditions: withCondition(conditions, condition) },
  }
}

/** B-50. */
export function isComplete(deployment: Deployment, status: DeploymentStatus | undefined): boolean {
  const replicas = desiredReplicas(deployment)
  return (
    (status?.updatedReplicas ?? 0) === replicas &&
    (status?.replicas ?? 0) === replicas &&
    (status?.availableReplicas ?? 0) === replicas &&
    (status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  )
}

/** B-54: more updated, ready or available pods, or fewer old ones, than the status said before. */
function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const rose = (count: (status: DeploymentStatus) => number | undefined) =>
    (count(after) ?? 0) > (count(before) ?? 0)
  return (
    rose((status) => status.updatedReplicas) ||
    rose((status) => -((status.replicas ?? 0) - (status.updatedReplicas ?? 0))) ||
    rose((status) => status.readyReplicas) ||
    rose((status) => status.availableReplicas)
  )
}

/** B-55. */
function hasTimedOut(condition: DeploymentCondition, deadlineMs: number, nowMs: number): boolean {
  if (condition.reason === 'NewReplicaSetAvailable') return false
  if (condition.reason === 'ProgressDeadlineExceeded') return true
  return Date.parse(condition.lastUpdateTime ?? '') + deadlineMs < nowMs
}

/**
 * The conditions with Progressing as this pass finds it (B-53..55); `next` holds the new counts.
 */
export function judgeProgress(
  deployment: Deployment,
  next: DeploymentStatus & { readonly conditions: Conditions },
  from: { readonly newReplicaSet: ReplicaSet | undefined; readonly nowMs: number },
): Conditions {
  const { conditions } = next
  const deadlineMs = progressDeadlineMs(deployment)
  if (deadlineMs === undefined) return withoutCondition(conditions, 'Progressing')
  const current = findCondition(conditions, 'Progressing')
  const hasNoOldPods = (next.replicas ?? 0) === (next.updatedReplicas ?? 0)
  // Settled: a pod that fails now is no rollout.
  if (hasNoOldPods && current?.reason === 'NewReplicaSetAvailable') return conditions

  const what = from.newReplicaSet
    ? `ReplicaSet "${from.newReplicaSet.metadata.name}"`
    : `Deployment "${deployment.metadata.name}"`
  const condition = (status: 'True' | 'False', reason: string, verb: string) =>
    progressingCondition(status, from.nowMs, { reason, message: `${what} ${verb} progressing.` })

  if (isComplete(deployment, next)) {
    const complete = condition('True', 'NewReplicaSetAvailable', 'has successfully')
    const message = `${what} has successfully progressed.`
    return withCondition(conditions, { ...complete, message })
  }
  if (hasProgressed(deployment.status ?? {}, next)) {
    return refreshed(conditions, current, condition('True', 'ReplicaSetUpdated', 'is'))
  }
  if (current && hasTimedOut(current, deadlineMs, from.nowMs)) {
    return withCondition(
      conditions,
      condition('False', 'ProgressDeadlineExceeded', 'has timed out'),
    )
  }
  return conditions
}

/** Progress renews lastUpdateTime even when nothing else changes (B-54). */
function refreshed(
  conditions: Conditions,
  current: DeploymentCondition | undefined,
  next: DeploymentCondition,
): Conditions {
  const others = withoutCondition(conditions, 'Progressing')
  return current?.status === next.status
    ? [...others, { ...next, lastTransitionTime: current.lastTransitionTime }]
    : [...others, next]
}

/** The conditions when a pause begins or ends (B-60); undefined: nothing to write. */
export function pauseConditions(deployment: Deployment, nowMs: number): Conditions | undefined {
  const conditions = deployment.status?.conditions ?? []
  const current = findCondition(conditions, 'Progressing')
  if (progressDeadlineMs(deployment) === undefined) return undefined
  if (current?.reason === 'ProgressDeadlineExceeded') return undefined
  const isMarked = current?.reason === 'DeploymentPaused'
  const isPaused = specOf(deployment).paused === true
  if (isPaused === isMarked) return undefined
  const why = isPaused
    ? { reason: 'DeploymentPaused', message: 'Deployment is paused' }
    : { reason: 'DeploymentResumed', message: 'Deployment is resumed' }
  return withCondition(conditions, progressingCondition('Unknown', nowMs, why))
}

/**
 * Until a rollout that makes no progress must be judged again (B-55); undefined: it never need be.
 */
export function progressCheckMs(
  deployment: Deployment,
  status: DeploymentStatus,
  nowMs: number,
): number | undefined {
  const deadlineMs = progressDeadlineMs(deployment)
  const current = findCondition(status.conditions, 'Progressing')
  if (deadlineMs === undefined || !current || isComplete(deployment, status)) return undefined
  const isFinal =
    current.reason === 'ProgressDeadlineExceeded' || current.reason === 'NewReplicaSetAvailable'
  if (isFinal) return undefined
  // One second more, as lastUpdateTime has no fractions.
  return Math.max(Date.parse(current.lastUpdateTime ?? '') + deadlineMs + 1000 - nowMs, 0)
}
