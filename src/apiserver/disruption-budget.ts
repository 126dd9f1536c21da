import { findCondition, setCondition } from '../api/condition.ts'
import { disruptionAllowedCondition } from '../api/disruption-condition.ts'
import type { Condition, Pod, PodDisruptionBudget, StatusCause } from '../api/generated/types.ts'
import { podDisruptionBudgets } from '../api/scheme.ts'
import { forbidden, StatusError } from '../api/status-error.ts'
import { timestamp } from '../base/clock.ts'

/** Evictions that the controller has not seen yet; far above what is usual. */
const disruptedPodsMax = 2000

/** Nothing is known yet of what the budget allows. */
export function overBudget({ metadata }: PodDisruptionBudget): StatusError {
  const why = `The disruption budget ${metadata.name} is still being processed by the server.`
  return tooManyRequests(why, 10)
}

function tooManyRequests(why: string, retryAfterSeconds: number): StatusError {
  const causes: readonly StatusCause[] = [{ reason: 'DisruptionBudget', message: why }]
  const text = "Cannot evict pod as it would violate the pod's disruption budget."
  return new StatusError('TooManyRequests', text, {
    causes,
    ...(retryAfterSeconds > 0 && { retryAfterSeconds }),
  })
}

/**
 * The budget after it has allowed one more pod to go, which it remembers by name until its
 * controller sees the pod going. Throws 429 when it allows none.
 */
export function chargeBudget(
  budget: PodDisruptionBudget,
  pod: Pod,
  nowMs: number,
): PodDisruptionBudget {
  const { metadata, status } = budget
  if (status === undefined || (status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    throw overBudget(budget)
  }
  const { disruptedPods = {}, disruptionsAllowed } = status
  if (Object.keys(disruptedPods).length > disruptedPodsMax) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller'
    throw forbidden(podDisruptionBudgets, metadata.name ?? '', { why })
  }
  if (disruptionsAllowed === 0) throw tooManyRequests(whyNone(budget), 0)
  const left = disruptionsAllowed - 1
  const condition = disruptionAllowedCondition(left, status.observedGeneration)
  const now = timestamp(nowMs)
  return {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: left,
      disruptedPods: { ...disruptedPods, [pod.metadata.name ?? '']: now },
      conditions: setCondition<Condition>(status.conditions, condition, now),
    },
  }
}

function whyNone({ metadata, status }: PodDisruptionBudget): string {
  const known = findCondition(status?.conditions, 'DisruptionAllowed')
  if (known?.status === 'False' && known.reason === 'SyncFailed') {
    return `The disruption budget ${metadata.name} does not allow evicting pods currently because it failed sync: ${known.message}`
  }
  return `The disruption budget ${metadata.name} needs ${status?.desiredHealthy} healthy pods and has ${status?.currentHealthy} currently`
}
