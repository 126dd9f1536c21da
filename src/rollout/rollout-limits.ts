import type { Deployment } from '../api/generated/types.ts'
import { resolveIntOrPercent } from '../api/int-or-percent.ts'
import { desiredReplicas, isRecreate, specOf } from './sizes.ts'

/** What a rollout may do to the number of pods; all are counts. */
export interface RolloutLimits {
  /** Wanted when nothing moves. */
  readonly replicas: number
  readonly maxSurge: number
  readonly maxUnavailable: number
  /** Σ spec.replicas of all ReplicaSets never passes it (B-38). */
  readonly maxTotal: number
  /** Available pods never fall below it by a rollout's own doing (B-38). */
  readonly minAvailable: number
}

/** B-30: surge rounds up, unavailable down, and not both are 0. */
export function rolloutLimits(deployment: Deployment): RolloutLimits {
  const replicas = desiredReplicas(deployment)
  const { maxSurge, maxUnavailable } = isRecreate(deployment)
    ? { maxSurge: 0, maxUnavailable: 0 }
    : fenceposts(deployment, replicas)
  const maxTotal = replicas + maxSurge
  return { replicas, maxSurge, maxUnavailable, maxTotal, minAvailable: replicas - maxUnavailable }
}

function fenceposts(deployment: Deployment, replicas: number) {
  const rollingUpdate = specOf(deployment).strategy?.rollingUpdate
  const maxSurge = resolveIntOrPercent(rollingUpdate?.maxSurge ?? 0, replicas, 'up')
  const unavailable = resolveIntOrPercent(rollingUpdate?.maxUnavailable ?? 0, replicas, 'down')
  const atLeastOne = maxSurge === 0 && unavailable === 0 ? 1 : unavailable
  return { maxSurge, maxUnavailable: Math.min(atLeastOne, replicas) }
}
