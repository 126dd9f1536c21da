import type { Pod } from '../api/generated/types.ts'
import { isTerminating } from '../api/object.ts'
import { isPodReady } from '../api/pod-facts.ts'
import { allowsSurge } from './daemon-set-limits.ts'
import { planDaemonUpdate } from './daemon-set-update.ts'
import type { PlannedEvent } from './deployment-plan.ts'
import {
  type DaemonNode,
  daemonNodes,
  isAvailable,
  isUpdated,
  type ObservedDaemonSet,
} from './observed-daemon-set.ts'

export interface DaemonSetPlan {
  /** Nodes to make a pod for. */
  readonly createOn: readonly string[]
  readonly deletePods: readonly Pod[]
  readonly events: readonly PlannedEvent[]
  /** Nodes whose failed pod goes now: the next one there waits longer (D-32). */
  readonly failedOn: readonly string[]
  /** Look again after this long: a failed pod is due then. */
  readonly requeueAfterMs?: number
}

/** Creates and deletes of one pass, each at most (D-33). */
export const daemonBurst = 250

/**
 * One pass over a DaemonSet: every node gets the pods it should have (D-31, D-32); where that is
 * so, the update goes on (D-34..36). Pure: the same record and time give the same plan.
 */
export function planDaemonSet(observed: ObservedDaemonSet, nowMs: number): DaemonSetPlan {
  const { daemonSet, backoffMs, canManage } = observed
  const nothing: DaemonSetPlan = { createOn: [], deletePods: [], events: [], failedOn: [] }
  if (!canManage || isTerminating(daemonSet)) return nothing
  const nodes = daemonNodes(observed)
  const plans = nodes.map((node) => planNode(node, observed, nowMs))
  const managed = {
    createOn: plans.flatMap(({ creates }, i) => (creates ? [nodes[i]?.name ?? ''] : [])),
    deletePods: plans.flatMap(({ deletePods }) => deletePods),
    events: plans.flatMap(({ events }) => events),
    failedOn: plans.flatMap(({ hasFailed }, i) => (hasFailed ? [nodes[i]?.name ?? ''] : [])),
    ...(backoffMs.size > 0 && { requeueAfterMs: Math.min(...backoffMs.values()) }),
  }
  const hasWrites = managed.createOn.length + managed.deletePods.length > 0
  const isRolling = daemonSet.spec?.updateStrategy?.type === 'RollingUpdate'
  const update = hasWrites || !isRolling ? {} : planDaemonUpdate(observed, nodes, nowMs)
  const { createOn, deletePods, ...rest } = { ...managed, ...update }
  return {
    ...rest,
    createOn: createOn.slice(0, daemonBurst),
    deletePods: deletePods.slice(0, daemonBurst),
  }
}

interface NodePlan {
  readonly creates: boolean
  readonly deletePods: readonly Pod[]
  readonly events: readonly PlannedEvent[]
  readonly hasFailed: boolean
}

function planNode(node: DaemonNode, observed: ObservedDaemonSet, nowMs: number): NodePlan {
  const { shouldRun, mayStay, exists, pods } = node
  const plan: NodePlan = { creates: false, deletePods: [], events: [], hasFailed: false }
  const staying = pods.filter((pod) => !isTerminating(pod))
  if (!mayStay) {
    // Pods bound to a node that is gone are left to whoever cleans up after nodes.
    const unbound = staying.filter(({ spec }) => !spec?.nodeName)
    return { ...plan, deletePods: exists ? staying : unbound }
  }
  if (pods.length === 0) return { ...plan, creates: shouldRun }
  const ended = endedPods(node, staying, observed)
  const running = staying.filter(({ status }) => !isEnded(status?.phase))
  const surplus = surplusPods({ ...node, pods: running }, observed, nowMs)
  return {
    // Without surge, the next pod waits until the last has left the node.
    creates: shouldRun && staying.length === 0 && allowsSurge(observed.daemonSet),
    deletePods: [...ended.pods, ...surplus],
    events: ended.events,
    hasFailed: ended.pods.some(({ status }) => status?.phase === 'Failed'),
  }
}

function isEnded(phase: string | undefined): boolean {
  return phase === 'Failed' || phase === 'Succeeded'
}

/** D-32. */
function endedPods(
  { name }: DaemonNode,
  staying: readonly Pod[],
  { backoffMs }: ObservedDaemonSet,
): { readonly pods: readonly Pod[]; readonly events: readonly PlannedEvent[] } {
  const pods = staying.filter(
    ({ status }) =>
      status?.phase === 'Succeeded' || (status?.phase === 'Failed' && !backoffMs.has(name)),
  )
  return { pods, events: pods.map((pod) => endEvent(pod, name)) }
}

function endEvent({ metadata, status }: Pod, node: string): PlannedEvent {
  const where = `daemon pod ${metadata.namespace}/${metadata.name} on node ${node}`
  return status?.phase === 'Failed'
    ? {
        type: 'Warning',
        reason: 'FailedDaemonPod',
        message: `Found failed ${where}, will try to kill it`,
      }
    : {
        type: 'Normal',
        reason: 'SucceededDaemonPod',
        message: `Found succeeded ${where}, will try to delete it`,
      }
}

/**
 * All but the oldest; with surge all but the oldest of each sort, and of these two what is done
 * with.
 */
function surplusPods(node: DaemonNode, observed: ObservedDaemonSet, nowMs: number): readonly Pod[] {
  if (!allowsSurge(observed.daemonSet)) return node.pods.slice(1)
  const newest = node.pods.filter((pod) => isUpdated(pod, observed))
  const outdated = node.pods.filter((pod) => !isUpdated(pod, observed))
  const [newPod, oldPod] = [newest[0], outdated[0]]
  const surplus = [...newest.slice(1), ...outdated.slice(1)]
  const isDone = newPod && oldPod && (!isPodReady(oldPod) || isAvailable(newPod, observed, nowMs))
  return isDone ? [...surplus, oldPod] : surplus
}
