import type { Pod, ReplicaSet } from '../api/generated/types.ts'
import { isTerminating } from '../api/object.ts'
import { isPodActive } from '../api/pod-facts.ts'
import { rankPodsForDeletion } from './pod-deletion-order.ts'
import { specReplicas } from './sizes.ts'

/** A ReplicaSet and its pods, gathered once at the beginning of a pass. */
export interface ObservedReplicaSet {
  readonly replicaSet: ReplicaSet
  /** Claimed, not terminal, not being deleted (C-01). */
  readonly activePods: readonly Pod[]
  /** Claimed, still running, and being deleted (V-08). */
  readonly terminatingPods: readonly Pod[]
  /** Active pods of this and its sibling ReplicaSets; only needed where there are too many. */
  readonly relatedPods: readonly Pod[]
  /** Every write of the last passes has been seen (C-07). */
  readonly canManage: boolean
}

export type ReplicaSetPlan =
  | { readonly type: 'nothing' }
  | { readonly type: 'create'; readonly count: number }
  | { readonly type: 'delete'; readonly pods: readonly Pod[] }

/** Creates and deletes of one pass, at most. */
export const burstReplicas = 500

/** How far the active pods are from `spec.replicas`, and what to do about it (C-05, C-08). */
export function planReplicaSet(observed: ObservedReplicaSet, nowMs: number): ReplicaSetPlan {
  const { replicaSet, activePods, relatedPods, canManage } = observed
  const surplus = activePods.length - specReplicas(replicaSet)
  if (!canManage || isTerminating(replicaSet) || surplus === 0) return { type: 'nothing' }
  if (surplus < 0) return { type: 'create', count: Math.min(-surplus, burstReplicas) }
  const count = Math.min(surplus, burstReplicas)
  if (count >= activePods.length) return { type: 'delete', pods: activePods }
  const ranked = rankPodsForDeletion(activePods, { relatedPodsByNode: byNode(relatedPods), nowMs })
  return { type: 'delete', pods: ranked.slice(0, count) }
}

function byNode(pods: readonly Pod[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const pod of pods.filter(isPodActive)) {
    const node = pod.spec?.nodeName ?? ''
    counts.set(node, (counts.get(node) ?? 0) + 1)
  }
  return counts
}
