import { findCondition, withoutCondition } from '../api/condition.ts'
import type {
  Pod,
  ReplicaSet,
  ReplicaSetCondition,
  ReplicaSetStatus,
} from '../api/generated/types.ts'
import { compileLabelSelector } from '../api/labels.ts'
import { isPodAvailable, isPodReady } from '../api/pod-facts.ts'
import { timestamp } from '../base/clock.ts'
import { withCondition } from './conditions.ts'
import { untilAvailableMs } from './next-availability.ts'
import type { ObservedReplicaSet } from './plan-replica-set.ts'
import { specReplicas } from './sizes.ts'

/**
 * The status after a pass; `failure`: the text of the error that stopped creates or deletes (C-09,
 * C-0A).
 */
export function replicaSetStatus(
  { replicaSet, activePods, terminatingPods }: ObservedReplicaSet,
  nowMs: number,
  failure?: string,
): ReplicaSetStatus {
  const template = replicaSet.spec?.template?.metadata?.labels ?? {}
  const { matches } = compileLabelSelector({ matchLabels: template })
  const minReadySeconds = replicaSet.spec?.minReadySeconds ?? 0
  const count = (is: (pod: Pod) => boolean) => activePods.filter(is).length
  const conditions = failureConditions(replicaSet, activePods.length, { failure, nowMs })
  const optional = {
    fullyLabeledReplicas: count((pod) => matches(pod.metadata.labels)),
    readyReplicas: count(isPodReady),
    availableReplicas: count((pod) => isPodAvailable(pod, minReadySeconds, nowMs)),
    observedGeneration: replicaSet.metadata.generation ?? 0,
  }
  return {
    replicas: activePods.length,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== 0)),
    terminatingReplicas: terminatingPods.length,
    ...(conditions.length > 0 && { conditions }),
  }
}

/**
 * ReplicaFailure appears with the first failure, keeps its text, and goes with the first success
 * (C-0A).
 */
function failureConditions(
  replicaSet: ReplicaSet,
  activeCount: number,
  { failure, nowMs }: { readonly failure: string | undefined; readonly nowMs: number },
): readonly ReplicaSetCondition[] {
  const conditions = replicaSet.status?.conditions ?? []
  if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure')
  if (findCondition(conditions, 'ReplicaFailure')) return conditions
  return withCondition(conditions, {
    type: 'ReplicaFailure',
    status: 'True',
    lastTransitionTime: timestamp(nowMs),
    reason: activeCount < specReplicas(replicaSet) ? 'FailedCreate' : 'FailedDelete',
    message: failure,
  })
}

/** Until the next ready pod becomes available (C-09); undefined: none is waiting. */
export function nextAvailabilityMs(
  { replicaSet, activePods }: ObservedReplicaSet,
  nowMs: number,
): number | undefined {
  return untilAvailableMs(activePods, replicaSet.spec?.minReadySeconds ?? 0, nowMs)
}
