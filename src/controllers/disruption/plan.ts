import { findCondition, setCondition } from '../../api/condition.ts'
import { disruptionAllowedCondition } from '../../api/disruption-condition.ts'
import type {
  Condition,
  Pod,
  PodDisruptionBudget,
  PodDisruptionBudgetStatus,
} from '../../api/generated/types.ts'
import { resolveIntOrPercent } from '../../api/int-or-percent.ts'
import { isTerminating } from '../../api/object.ts'
import { isPodReady } from '../../api/pod-facts.ts'
import { timestamp } from '../../base/clock.ts'

/** What one pass sees: a budget and the pods that its selector selects. */
export interface ObservedBudget {
  readonly budget: PodDisruptionBudget
  readonly pods: readonly Pod[]
  /** Replicas that the pods' workloads want together; undefined where it does not matter. */
  readonly scale: number | undefined
}

export interface BudgetPlan {
  readonly status: PodDisruptionBudgetStatus
  /** Pods that an eviction promised to delete, and that are still there. */
  readonly notDeleted: readonly Pod[]
  /** When one of the other promises is overdue. */
  readonly recheckAtMs: number | undefined
}

/** How long a pod that was evicted may take until it is marked as deleted. */
const promiseMs = 2 * 60_000

/** Whether the workloads' replicas are what a budget counts from: not for a fixed minAvailable. */
export function needsScale({ spec }: PodDisruptionBudget): boolean {
  return spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === 'string'
}

/** The status of a budget, from what it selects (policy/v1). */
export function planBudget({ budget, pods, scale }: ObservedBudget, nowMs: number): BudgetPlan {
  const promised = budget.status?.disruptedPods ?? {}
  const dueMs = (pod: Pod) => Date.parse(promised[pod.metadata.name ?? ''] ?? '') + promiseMs
  const waiting = pods.filter((pod) => !isTerminating(pod) && !Number.isNaN(dueMs(pod)))
  const going = waiting.filter((pod) => dueMs(pod) >= nowMs)
  const currentHealthy = pods.filter(
    (pod) => !isTerminating(pod) && !going.includes(pod) && isPodReady(pod),
  ).length
  const { desiredHealthy, expectedPods } = wanted(budget, pods.length, scale)
  const spare = expectedPods > 0 ? Math.max(currentHealthy - desiredHealthy, 0) : 0
  const disruptedPods = Object.fromEntries(
    going.map(({ metadata: { name = '' } }) => [name, promised[name] ?? '']),
  )
  const { generation } = budget.metadata
  const condition = disruptionAllowedCondition(spare, generation)
  const known = budget.status?.conditions
  return {
    status: {
      disruptionsAllowed: spare,
      currentHealthy,
      desiredHealthy,
      expectedPods,
      ...(going.length > 0 && { disruptedPods }),
      ...(generation !== undefined && { observedGeneration: generation }),
      conditions: setCondition<Condition>(known, condition, timestamp(nowMs)),
    },
    notDeleted: waiting.filter((pod) => !going.includes(pod)),
    recheckAtMs: going.length > 0 ? Math.min(...going.map(dueMs)) : undefined,
  }
}

/** Percentages of what there should be are rounded up, for both limits. */
function wanted({ spec }: PodDisruptionBudget, podCount: number, scale = podCount) {
  const { minAvailable, maxUnavailable } = spec ?? {}
  if (maxUnavailable !== undefined) {
    const unavailable = resolveIntOrPercent(maxUnavailable, scale, 'up')
    return { expectedPods: scale, desiredHealthy: Math.max(scale - unavailable, 0) }
  }
  if (typeof minAvailable !== 'string') {
    return {
      expectedPods: minAvailable === undefined ? 0 : podCount,
      desiredHealthy: minAvailable ?? 0,
    }
  }
  return { expectedPods: scale, desiredHealthy: resolveIntOrPercent(minAvailable, scale, 'up') }
}

/** Nothing may be evicted while nobody can say what that would do. */
export function failedStatus(
  { status }: PodDisruptionBudget,
  why: string,
  nowMs: number,
): PodDisruptionBudgetStatus {
  const failed: Condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'SyncFailed',
    message: why,
    lastTransitionTime: '',
    ...(status?.observedGeneration !== undefined && {
      observedGeneration: status.observedGeneration,
    }),
  }
  const known = findCondition(status?.conditions, failed.type)
  const isTold = known?.reason === failed.reason && known.message === why
  return {
    ...(status ?? { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }),
    disruptionsAllowed: 0,
    conditions: isTold
      ? (status?.conditions ?? [])
      : setCondition<Condition>(status?.conditions, failed, timestamp(nowMs)),
  }
}
