import type { Node, NodeSelectorTerm, Pod, Taint } from '../api/generated/types.ts'
import { hasHostPortClash, hostPortClash } from '../api/host-ports.ts'
import { nodeNotReadyTaint, nodeUnschedulableTaint } from '../api/names.ts'
import { isNodeSelected, tolerates, untoleratedTaint } from '../api/node-fit.ts'
import type { NodeState } from './node-usage.ts'
import { amountsOf, podRequests } from './pod-requests.ts'
import { curable, incurable, type Refusal } from './refusal.ts'

/** A cordoned node is as one with this taint, which DaemonSets tolerate (D-30). */
const unschedulable: Taint = { key: nodeUnschedulableTaint, effect: 'NoSchedule' }
/** So is one that is not ready, before anybody has tainted it. */
const notReady: Taint = { key: nodeNotReadyTaint, effect: 'NoSchedule' }
const podsByDefault = 110_000

function isReady(node: Node): boolean {
  return (node.status?.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True')
}

function isTolerated({ spec }: Pod, taint: Taint): boolean {
  return spec?.tolerations?.some((each) => tolerates(each, taint)) === true
}

/** What speaks against a node that has to do with this node alone, in the scheduler's order. */
export function objectionOf(pod: Pod, state: NodeState): Refusal | undefined {
  const { node } = state
  const { tolerations = [] } = pod.spec ?? {}
  if (isNamedOtherwise(pod, node)) {
    return incurable("node(s) didn't satisfy plugin(s) [NodeAffinity]")
  }
  if (node.spec?.unschedulable && !isTolerated(pod, unschedulable)) {
    return incurable('node(s) were unschedulable')
  }
  const taint = untoleratedTaint({ tolerations }, node, ['NoSchedule', 'NoExecute'])
  const isDown = !isReady(node) && !node.spec?.taints?.length && !isTolerated(pod, notReady)
  if (taint || isDown) return incurable('node(s) had untolerated taint(s)')
  if (!isNodeSelected(pod.spec ?? {}, node)) {
    return incurable("node(s) didn't match Pod's node affinity/selector")
  }
  if (hasHostPortClash(pod, state.pods.values())) return curable(hostPortClash)
  return tooLittle(pod, state)
}

/** A DaemonSet's pod is for one node: the others are not even looked at. */
function isNamedOtherwise({ spec }: Pod, { metadata }: Node): boolean {
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const names = required?.nodeSelectorTerms.map(namesOf)
  if (!names?.length || names.some((each) => each === undefined)) return false
  return !names.some((each) => each?.includes(metadata.name ?? ''))
}

function namesOf({ matchFields }: NodeSelectorTerm): readonly string[] | undefined {
  return matchFields?.find(({ key, operator }) => key === 'metadata.name' && operator === 'In')
    ?.values
}

function tooLittle(pod: Pod, { node, pods, requested }: NodeState): Refusal | undefined {
  const allocatable = amountsOf(node.status?.allocatable)
  const podsMax = (allocatable.get('pods') ?? podsByDefault) / 1000
  const reasons = pods.size + 1 > podsMax ? ['Too many pods'] : []
  let isCurable = true
  for (const [name, amount] of podRequests(pod)) {
    const has = allocatable.get(name)
    // Of a disk that the node says nothing of there may be enough.
    if (amount === 0 || (has === undefined && name === 'ephemeral-storage')) continue
    if (amount <= (has ?? 0) - (requested.get(name) ?? 0)) continue
    reasons.push(`Insufficient ${name}`)
    if (amount > (has ?? 0)) isCurable = false
  }
  return reasons.length > 0 ? { reasons, isCurable } : undefined
}
