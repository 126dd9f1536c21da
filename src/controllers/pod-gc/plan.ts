import { findCondition, isConditionTrue } from '../../api/condition.ts'
import type { Node, Pod } from '../../api/generated/types.ts'
import { nodeOutOfServiceTaint } from '../../api/names.ts'
import { isTerminating } from '../../api/object.ts'
import { isPodTerminal } from '../../api/pod-facts.ts'

/** Of pods that have ended, so many may stay. */
export const endedPodsMax = 12_500

export type Verdict = 'orphaned' | 'out of service' | 'never bound' | 'one too many'

export interface ObservedPods {
  readonly pods: readonly Pod[]
  readonly nodes: readonly Node[]
  /** Names of nodes that have been gone for long enough, as the API itself has said. */
  readonly goneNodes: ReadonlySet<string>
}

/** Pods that nobody else would remove, and why they go. */
export function podsToRemove({ pods, nodes, goneNodes }: ObservedPods): ReadonlyMap<Pod, Verdict> {
  const outOfService = new Set(nodes.filter(isOutOfService).map(({ metadata }) => metadata.name))
  const verdicts = new Map<Pod, Verdict>()
  for (const pod of surplusOf(pods)) verdicts.set(pod, 'one too many')
  for (const pod of pods) {
    const node = pod.spec?.nodeName
    if (node && goneNodes.has(node)) verdicts.set(pod, 'orphaned')
    else if (isTerminating(pod) && !node) verdicts.set(pod, 'never bound')
    else if (isTerminating(pod) && outOfService.has(node)) verdicts.set(pod, 'out of service')
  }
  return verdicts
}

function isOutOfService({ spec, status }: Node): boolean {
  const isReady = isConditionTrue(status?.conditions, 'Ready')
  return !isReady && spec?.taints?.some(({ key }) => key === nodeOutOfServiceTaint) === true
}

/** Evicted ones first, then the oldest. */
function surplusOf(pods: readonly Pod[]): readonly Pod[] {
  const ended = pods.filter(isPodTerminal)
  if (ended.length <= endedPodsMax) return []
  const rank = ({ status, metadata }: Pod) =>
    [status?.reason === 'Evicted' ? 0 : 1, metadata.creationTimestamp, metadata.name].join()
  return ended
    .toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .slice(0, ended.length - endedPodsMax)
}

/** What the pod's status says at last; undefined when it has ended by itself. */
export function lastStatus({ status }: Pod, verdict: Verdict, now: string): Pod['status'] {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return undefined
  const failed = { ...status, phase: 'Failed' }
  if (verdict !== 'orphaned') return failed
  const { conditions = [] } = status ?? {}
  const former = findCondition(conditions, 'DisruptionTarget')
  const target = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
    lastTransitionTime: former?.status === 'True' ? former.lastTransitionTime : now,
  }
  return { ...failed, conditions: [...conditions.filter((each) => each !== former), target] }
}
