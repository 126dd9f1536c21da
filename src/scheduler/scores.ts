import type { Node, Pod } from '../api/generated/types.ts'
import { matchesTerm, tolerates } from '../api/node-fit.ts'
import type { NodeState } from './node-usage.ts'
import { affinityScores } from './pod-affinity.ts'
import { amountsOf, podRequests } from './pod-requests.ts'
import { spreadScores } from './topology-spread.ts'

/** For containers that ask for nothing: a tenth of a processor, 200 MB; in thousandths. */
const assumed: Readonly<Record<string, number>> = { cpu: 100, memory: 200 * 2 ** 20 * 1000 }

/** How good each node is for the pod, by upstream's weights; more is better. */
export function scoresOf(pod: Pod, states: readonly NodeState[]): readonly number[] {
  const weighted: readonly (readonly [number, readonly number[]])[] = [
    [3, inverse(states.map(({ node }) => avoidedTaints(pod, node)))],
    [2, share(states.map(({ node }) => preferenceFor(pod, node)))],
    [2, spreadScores(pod, states)],
    [2, affinityScores(pod, states)],
    [1, states.map((state) => freeShare(pod, state))],
  ]
  return states.map((_, index) =>
    weighted.reduce((sum, [weight, scores]) => sum + weight * (scores[index] ?? 0), 0),
  )
}

function avoidedTaints({ spec }: Pod, node: Node): number {
  const soft = node.spec?.taints?.filter(({ effect }) => effect === 'PreferNoSchedule') ?? []
  return soft.filter((taint) => !spec?.tolerations?.some((each) => tolerates(each, taint))).length
}

function preferenceFor({ spec }: Pod, node: Node): number {
  const wishes = spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  return wishes.reduce(
    (sum, { weight, preference }) => sum + (matchesTerm(preference, node) ? weight : 0),
    0,
  )
}

/** 100 for the most. */
function share(values: readonly number[]): readonly number[] {
  const most = Math.max(...values, 0)
  return values.map((value) => (most === 0 ? 0 : (100 * value) / most))
}

/** 100 for none. */
function inverse(values: readonly number[]): readonly number[] {
  return share(values).map((value) => 100 - value)
}

/** What would be left of processor and memory, in hundredths. */
function freeShare(pod: Pod, { node, pods, requested }: NodeState): number {
  const allocatable = amountsOf(node.status?.allocatable)
  const own = podRequests(pod)
  const shares = Object.entries(assumed).map(([name, atLeast]) => {
    const has = allocatable.get(name) ?? 0
    const taken = Math.max(requested.get(name) ?? 0, pods.size * atLeast)
    const wanted = taken + (own.get(name) || atLeast)
    return has === 0 || wanted > has ? 0 : (100 * (has - wanted)) / has
  })
  return shares.reduce((sum, each) => sum + each, 0) / shares.length
}
