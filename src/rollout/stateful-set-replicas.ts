import type { ControllerRevision, Pod, StatefulSet } from '../api/generated/types.ts'
import { isTerminating } from '../api/object.ts'
import { isPodAvailable, isPodReady } from '../api/pod-facts.ts'
import { ordinalOf, startOrdinal } from './stateful-set-pod.ts'

/** A StatefulSet with its pods and its two revisions, gathered once at the beginning of a pass. */
export interface ObservedStatefulSet {
  readonly statefulSet: StatefulSet
  /** Claimed, in any phase. */
  readonly pods: readonly Pod[]
  /** What the pods had when nothing moved; what is below the partition is made from it (D-15). */
  readonly currentRevision: ControllerRevision
  /** Of the present template. */
  readonly updateRevision: ControllerRevision
  readonly collisionCount: number
}

/** One place in the StatefulSet. */
export interface Replica {
  readonly ordinal: number
  readonly pod: Pod | undefined
}

export interface Replicas {
  /** Every wanted ordinal, ascending; the index in here is what the partition counts. */
  readonly wanted: readonly Replica[]
  /** Pods outside the range, highest ordinal first (D-13, D-1E). */
  readonly condemned: readonly Pod[]
}

export function desiredStatefulReplicas({ spec }: StatefulSet): number {
  return spec?.replicas ?? 1
}

export function replicasOf({
  statefulSet,
  pods,
}: Pick<ObservedStatefulSet, 'statefulSet' | 'pods'>): Replicas {
  const start = startOrdinal(statefulSet)
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(statefulSet, pod) ?? -1, pod]))
  const wanted = Array.from({ length: desiredStatefulReplicas(statefulSet) }, (_, index) => ({
    ordinal: start + index,
    pod: byOrdinal.get(start + index),
  }))
  const condemned = [...byOrdinal]
    .filter(([ordinal]) => ordinal >= 0 && (ordinal < start || ordinal >= start + wanted.length))
    .sort(([a], [b]) => b - a)
    .map(([, pod]) => pod)
  return { wanted, condemned }
}

export function isRunningAndReady(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && isPodReady(pod)
}

/** D-11. */
export function isHealthy(pod: Pod): boolean {
  return isRunningAndReady(pod) && !isTerminating(pod)
}

export function isRunningAndAvailable(pod: Pod, { spec }: StatefulSet, nowMs: number): boolean {
  return isRunningAndReady(pod) && isPodAvailable(pod, spec?.minReadySeconds ?? 0, nowMs)
}

/**
 * Of the wanted in order, then of the condemned from the lowest; undefined too where it is missing.
 */
export function firstUnhealthyPod({ wanted, condemned }: Replicas): Pod | undefined {
  const first = wanted.find(({ pod }) => !pod || !isHealthy(pod))
  return first ? first.pod : condemned.findLast((pod) => !isHealthy(pod))
}
