import type { Node, Pod, Taint } from '../api/generated/types.ts'
import { hasHostPortClash, hostPortClash } from '../api/host-ports.ts'
import { isNodeSelected, tolerates, untoleratedTaint } from '../api/node-fit.ts'

export interface NodeLoad {
  readonly node: Node
  /** Pods bound to it that have not ended. */
  readonly pods: readonly Pod[]
}

export type Choice =
  | { readonly node: string }
  /** Why no node will do, in the scheduler's words. */
  | { readonly unschedulable: string }

/** A cordoned node is as one with this taint, which DaemonSets tolerate (D-30). */
const unschedulable: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

function isReady(node: Node): boolean {
  return (node.status?.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True')
}

/** The first reason against a node, as the scheduler counts them; undefined if it will do. */
function objection(pod: Pod, { node, pods }: NodeLoad): string | undefined {
  const { tolerations = [] } = pod.spec ?? {}
  if (node.spec?.unschedulable && !tolerations.some((each) => tolerates(each, unschedulable))) {
    return 'node(s) were unschedulable'
  }
  if (!isReady(node)) return 'node(s) were not ready'
  const taint = untoleratedTaint({ tolerations }, node, ['NoSchedule', 'NoExecute'])
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`
  if (!isNodeSelected(pod.spec ?? {}, node)) {
    return "node(s) didn't match Pod's node affinity/selector"
  }
  if (hasHostPortClash(pod, pods)) return hostPortClash
  const podsMax = Number(node.status?.allocatable?.pods ?? 110)
  return pods.length >= podsMax ? 'Too many pods' : undefined
}

function explain(objections: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const text of objections) counts.set(text, (counts.get(text) ?? 0) + 1)
  if (counts.size === 0) return 'no nodes available to schedule pods'
  const parts = [...counts].map(([text, count]) => `${count} ${text}`).sort()
  return `0/${objections.length} nodes are available: ${parts.join(', ')}.`
}

/** Of the nodes that will do, the one with the fewest pods (then by name): pure. */
export function chooseNode(pod: Pod, loads: readonly NodeLoad[]): Choice {
  const objections: string[] = []
  let best: NodeLoad | undefined
  for (const load of loads) {
    const against = objection(pod, load)
    if (against !== undefined) objections.push(against)
    else if (!best || isBetter(load, best)) best = load
  }
  if (best) return { node: best.node.metadata.name ?? '' }
  return { unschedulable: explain(objections) }
}

/** What keeps a pod from every node alike. */
export function refuseAll(loads: readonly NodeLoad[], why: string): Choice {
  return { unschedulable: `0/${loads.length} nodes are available: ${why}.` }
}

function isBetter(a: NodeLoad, b: NodeLoad): boolean {
  if (a.pods.length !== b.pods.length) return a.pods.length < b.pods.length
  return (a.node.metadata.name ?? '') < (b.node.metadata.name ?? '')
}
