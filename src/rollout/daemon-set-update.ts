import type { Pod } from '../api/generated/types.ts'
import { daemonSetLimits } from './daemon-set-limits.ts'
import {
  type DaemonNode,
  generationsOn,
  isAvailable,
  type ObservedDaemonSet,
} from './observed-daemon-set.ts'

export interface DaemonUpdate {
  readonly createOn: readonly string[]
  readonly deletePods: readonly Pod[]
}

/** The next step of an update, where every node has the pods it should have (D-34, D-35). */
export function planDaemonUpdate(
  observed: ObservedDaemonSet,
  nodes: readonly DaemonNode[],
  nowMs: number,
): DaemonUpdate {
  const desired = nodes.filter(({ shouldRun }) => shouldRun).length
  const { maxSurge, maxUnavailable } = daemonSetLimits(observed.daemonSet, desired)
  const concerned = nodes.filter(({ shouldRun, pods }) => shouldRun || pods.length > 0)
  const verdict = (pod: Pod) => isAvailable(pod, observed, nowMs)
  const sorted = concerned.map((node) => ({ node, on: generationsOn(node, observed) }))
  return maxSurge === 0
    ? replaceOld(sorted, maxUnavailable, verdict)
    : surgeNew(sorted, maxSurge, verdict)
}

interface Sorted {
  readonly node: DaemonNode
  readonly on: ReturnType<typeof generationsOn>
}

type IsAvailable = (pod: Pod) => boolean

/** Old pods that are down go freely; others while fewer than maxUnavailable are out (D-34). */
function replaceOld(
  nodes: readonly Sorted[],
  maxUnavailable: number,
  isUp: IsAvailable,
): DaemonUpdate {
  let unavailable = 0
  const broken: Pod[] = []
  const candidates: Pod[] = []
  for (const { on } of nodes) {
    const { newPod, oldPod } = on ?? {}
    if (oldPod && !newPod) (isUp(oldPod) ? candidates : broken).push(oldPod)
    else if (!newPod || oldPod || !isUp(newPod)) unavailable += 1
  }
  const budget = Math.max(maxUnavailable - unavailable, 0)
  return { createOn: [], deletePods: [...broken, ...candidates.slice(0, budget)] }
}

/**
 * New pods beside old ones, up to maxSurge that are not available yet; where the old one is down
 * freely (D-35).
 */
function surgeNew(nodes: readonly Sorted[], maxSurge: number, isUp: IsAvailable): DaemonUpdate {
  let surging = 0
  const deletePods: Pod[] = []
  const atOnce: string[] = []
  const candidates: string[] = []
  for (const { node, on } of nodes) {
    const { newPod, oldPod } = on ?? {}
    if (!on) surging += 1
    else if (!oldPod) continue
    else if (!newPod) {
      // Where a new pod may not come, an old one that may stay is left alone.
      if (node.shouldRun) (isUp(oldPod) ? candidates : atOnce).push(node.name)
    } else if (isUp(newPod)) deletePods.push(oldPod)
    else surging += 1
  }
  const budget = Math.max(maxSurge - surging, 0)
  return { createOn: [...atOnce, ...candidates.slice(0, budget)], deletePods }
}
