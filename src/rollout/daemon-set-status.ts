import type { DaemonSetStatus } from '../api/generated/types.ts'
import { isPodReady } from '../api/pod-facts.ts'
import {
  daemonNodes,
  isAvailable,
  isUpdated,
  type ObservedDaemonSet,
} from './observed-daemon-set.ts'

/** D-37: counts nodes, by the oldest pod of each. */
export function daemonSetStatus(observed: ObservedDaemonSet, nowMs: number): DaemonSetStatus {
  const { daemonSet, canManage } = observed
  const { collisionCount, conditions, observedGeneration } = daemonSet.status ?? {}
  const existing = daemonNodes(observed).filter(({ exists }) => exists)
  const wanted = existing.filter(({ shouldRun }) => shouldRun)
  const first = wanted.flatMap(({ pods }) => pods.slice(0, 1))
  const available = first.filter((pod) => isAvailable(pod, observed, nowMs)).length
  const optional = {
    updatedNumberScheduled: first.filter((pod) => isUpdated(pod, observed)).length,
    numberAvailable: available,
    numberUnavailable: wanted.length - available,
    // A pass that only looked has not acted on this generation.
    observedGeneration: canManage
      ? (daemonSet.metadata.generation ?? 0)
      : (observedGeneration ?? 0),
  }
  return {
    currentNumberScheduled: first.length,
    desiredNumberScheduled: wanted.length,
    numberMisscheduled: existing.filter(({ shouldRun, pods }) => !shouldRun && pods.length > 0)
      .length,
    numberReady: first.filter(isPodReady).length,
    ...Object.fromEntries(Object.entries(optional).filter(([, count]) => count !== 0)),
    ...(collisionCount !== undefined && { collisionCount }),
    ...(conditions && { conditions }),
  }
}
