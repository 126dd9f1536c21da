import { findCondition } from '../../api/condition.ts'
import type { Node, NodeCondition, Pod, PodStatus, Taint } from '../../api/generated/types.ts'
import {
  nodeNotReadyTaint,
  nodeUnreachableTaint,
  nodeUnschedulableTaint,
  regionLabel,
  zoneLabel,
} from '../../api/names.ts'

/** What goes stale when a node falls silent; upstream leaves `NetworkUnavailable` alone. */
const reported = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

const zoneUnhealthyShare = 0.55
const zoneLargeNodes = 50
/** One node in ten seconds; in a large zone of which most is down, one in a hundred. */
const evictionPauseMs = 10_000
const evictionPauseMsLargeZone = 100_000

export function readyStatus(node: Node): string {
  return findCondition(node.status?.conditions, 'Ready')?.status ?? 'Unknown'
}

/** The conditions of a node that has fallen silent; undefined when they already say so. */
export function lapsedConditions(
  { metadata, status }: Node,
  now: string,
): readonly NodeCondition[] | undefined {
  const { conditions = [] } = status ?? {}
  const ready = findCondition(conditions, 'Ready')
  if (ready?.status === 'Unknown') return undefined
  const kept = conditions.map((condition) => {
    if (!reported.includes(condition.type) || condition.status === 'Unknown') return condition
    return {
      ...condition,
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastTransitionTime: now,
    }
  })
  const missing = reported.filter((type) => !findCondition(conditions, type))
  const added = missing.map((type) => ({
    type,
    status: 'Unknown',
    reason: 'NodeStatusNeverUpdated',
    message: 'Kubelet never posted node status.',
    lastHeartbeatTime: metadata.creationTimestamp,
    lastTransitionTime: now,
  }))
  return [...kept, ...added]
}

/** What to do with the NoExecute taint of a node that is not ready, as its zone allows. */
export type Eviction = 'begins' | 'waits' | 'is off'

const ownTaints: readonly (readonly [key: string, effect: string])[] = [
  [nodeNotReadyTaint, 'NoSchedule'],
  [nodeUnreachableTaint, 'NoSchedule'],
  [nodeUnschedulableTaint, 'NoSchedule'],
  [nodeNotReadyTaint, 'NoExecute'],
  [nodeUnreachableTaint, 'NoExecute'],
]

const isOwn = (taint: Taint) =>
  ownTaints.some(([key, effect]) => taint.key === key && taint.effect === effect)

/** The taints that a node should have; undefined when it has them. */
export function plannedTaints(
  node: Node,
  { eviction, now }: { readonly eviction: Eviction; readonly now: string },
): readonly Taint[] | undefined {
  const present = node.spec?.taints ?? []
  const wanted = [
    ...schedulingTaints(node).map((key) => ({ key, effect: 'NoSchedule' })),
    ...evictionTaints(node, eviction).map((key) => ({ key, effect: 'NoExecute' })),
  ]
  const isIn = (taints: readonly Taint[], { key, effect }: Taint) =>
    taints.some((taint) => taint.key === key && taint.effect === effect)
  const kept = present.filter((taint) => !isOwn(taint) || isIn(wanted, taint))
  const added = wanted.filter((taint) => !isIn(present, taint))
  if (added.length === 0 && kept.length === present.length) return undefined
  return [...kept, ...added.map((taint) => ({ ...taint, timeAdded: now }))]
}

function schedulingTaints(node: Node): readonly string[] {
  const downTaint = downTaintOf(node)
  return [
    ...(downTaint ? [downTaint] : []),
    ...(node.spec?.unschedulable ? [nodeUnschedulableTaint] : []),
  ]
}

/** One that already has the one taint gets the other at once: they mean the same to its pods. */
function evictionTaints(node: Node, eviction: Eviction): readonly string[] {
  const downTaint = downTaintOf(node)
  if (!downTaint || eviction === 'is off') return []
  const isTainted = node.spec?.taints?.some(
    ({ key, effect }) =>
      effect === 'NoExecute' && (key === nodeNotReadyTaint || key === nodeUnreachableTaint),
  )
  return isTainted || eviction === 'begins' ? [downTaint] : []
}

function downTaintOf(node: Node): string | undefined {
  const ready = readyStatus(node)
  if (ready === 'True') return undefined
  return ready === 'False' ? nodeNotReadyTaint : nodeUnreachableTaint
}

/** Whether a node is one of those whose pods are to be evicted, and nothing says so yet. */
export function awaitsEviction(node: Node): boolean {
  return downTaintOf(node) !== undefined && evictionTaints(node, 'waits').length === 0
}

export function zoneOf({ metadata }: Node): string {
  const { [regionLabel]: region = '', [zoneLabel]: zone = '' } = metadata.labels ?? {}
  return `${region}/${zone}`
}

export interface Zones {
  /** No node anywhere is ready: it is more likely that the watcher is cut off than that all are. */
  readonly areAllDown: boolean
  /** The least time between two nodes of a zone; undefined: none at all. */
  pauseMs(zone: string): number | undefined
}

/** How fast pods may be evicted, by how much of each zone is down. */
export function judgeZones(nodes: readonly Node[]): Zones {
  const membersOf = (zone: string) => nodes.filter((node) => zoneOf(node) === zone)
  const downOf = (members: readonly Node[]) =>
    members.filter((node) => readyStatus(node) !== 'True').length
  const areAllDown = nodes.length > 0 && downOf(nodes) === nodes.length
  return {
    areAllDown,
    pauseMs(zone) {
      if (areAllDown) return undefined
      const members = membersOf(zone)
      const down = downOf(members)
      const isPartlyDown = down > 2 && down < members.length
      if (!isPartlyDown || down / members.length < zoneUnhealthyShare) return evictionPauseMs
      return members.length > zoneLargeNodes ? evictionPauseMsLargeZone : undefined
    },
  }
}

/** The status of a pod whose node has fallen silent; undefined when it is not ready anyway. */
export function notReadyStatus({ status }: Pod, now: string): PodStatus | undefined {
  const { conditions = [] } = status ?? {}
  const ready = findCondition(conditions, 'Ready')
  if (!status || !ready || ready.status === 'False') return undefined
  const down = { ...ready, status: 'False', lastTransitionTime: now }
  return { ...status, conditions: conditions.map((each) => (each === ready ? down : each)) }
}
