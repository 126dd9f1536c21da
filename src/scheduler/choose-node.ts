import type { Pod } from '../api/generated/types.ts'
import { objectionOf } from './fits-node.ts'
import type { NodeState } from './node-usage.ts'
import { affinityObjection } from './pod-affinity.ts'
import { explain, incurable, type Refusal } from './refusal.ts'
import { scoresOf } from './scores.ts'
import { spreadObjection } from './topology-spread.ts'

export type Choice =
  | { readonly node: string }
  /** Why no node will do, in the scheduler's words. */
  | { readonly unschedulable: string }

/**
 * Of the nodes that will do, the best; of equals the one with the fewest pods, then the first by
 * name: pure.
 */
export function chooseNode(pod: Pod, states: readonly NodeState[]): Choice {
  const spread = spreadObjection(pod, states)
  const affinity = affinityObjection(pod, states)
  const refusals: Refusal[] = []
  const fitting: NodeState[] = []
  for (const state of states) {
    const refusal = objectionOf(pod, state) ?? spread(state) ?? affinity(state)
    if (refusal) refusals.push(refusal)
    else fitting.push(state)
  }
  const best = bestOf(pod, fitting)
  return best ? { node: nameOf(best) } : { unschedulable: explain(refusals) }
}

/** What keeps a pod from every node alike. */
export function refuseAll(states: readonly NodeState[], why: string): Choice {
  return {
    unschedulable: explain(
      states.map(() => incurable(why)),
      why,
    ),
  }
}

function bestOf(pod: Pod, fitting: readonly NodeState[]): NodeState | undefined {
  if (fitting.length < 2) return fitting[0]
  const scores = scoresOf(pod, fitting)
  let best = 0
  for (let index = 1; index < fitting.length; index++) {
    const lead = (scores[index] ?? 0) - (scores[best] ?? 0)
    if (lead > 0 || (lead === 0 && isBefore(fitting[index], fitting[best]))) best = index
  }
  return fitting[best]
}

function isBefore(a: NodeState | undefined, b: NodeState | undefined): boolean {
  if (!a || !b) return false
  if (a.pods.size !== b.pods.size) return a.pods.size < b.pods.size
  return nameOf(a) < nameOf(b)
}

function nameOf({ node }: NodeState): string {
  return node.metadata.name ?? ''
}
