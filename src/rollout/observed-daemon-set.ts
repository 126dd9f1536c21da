import type { DaemonSet, Node, Pod } from '../api/generated/types.ts'
import { revisionHashLabel, templateGenerationLabel } from '../api/names.ts'
import { isTerminating } from '../api/object.ts'
import { isPodAvailable } from '../api/pod-facts.ts'
import { judgeNode, nodeOf, templateGenerationOf } from './daemon-set-pod.ts'

/** A DaemonSet with all nodes and its pods, gathered once at the beginning of a pass. */
export interface ObservedDaemonSet {
  readonly daemonSet: DaemonSet
  readonly nodes: readonly Node[]
  /** Claimed, in any phase. */
  readonly pods: readonly Pod[]
  /** Of the present template. */
  readonly hash: string
  /** Nodes on which a failed pod is not replaced yet, and for how long (D-32). */
  readonly backoffMs: ReadonlyMap<string, number>
  /** Every write of the last passes has been seen (C-07). */
  readonly canManage: boolean
}

/**
 * One node with the DaemonSet's pods on it, or made for it: oldest first, bound ones before others.
 */
export interface DaemonNode {
  readonly name: string
  /** False for a name under which there is no node any more. */
  readonly exists: boolean
  readonly shouldRun: boolean
  readonly mayStay: boolean
  readonly pods: readonly Pod[]
}

/** By name. */
export function daemonNodes({ daemonSet, nodes, pods }: ObservedDaemonSet): readonly DaemonNode[] {
  const podsByNode = groupByNode([...pods].sort(byAge))
  const known = nodes.map((node) => {
    const name = node.metadata.name ?? ''
    const { shouldRun, mayStay } = judgeNode(daemonSet, node)
    return { name, exists: true, shouldRun, mayStay, pods: podsByNode.get(name) ?? [] }
  })
  const names = new Set(known.map(({ name }) => name))
  const gone = [...podsByNode]
    .filter(([name]) => !names.has(name))
    .map(([name, left]) => ({
      name,
      exists: false,
      shouldRun: false,
      mayStay: false,
      pods: left,
    }))
  return [...known, ...gone].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function groupByNode(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const groups = new Map<string, Pod[]>()
  for (const pod of pods) {
    const name = nodeOf(pod)
    const group = groups.get(name)
    if (group) group.push(pod)
    else groups.set(name, [pod])
  }
  return groups
}

function byAge(a: Pod, b: Pod): number {
  const bound = Number(Boolean(b.spec?.nodeName)) - Number(Boolean(a.spec?.nodeName))
  const [left = '', right = ''] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp]
  if (bound !== 0 || left !== right) return bound || (left < right ? -1 : 1)
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1
}

/**
 * Whether a pod runs the present template: by hash, so that a rollback spares it (D-38). By the
 * count of templates only where it has no hash: one that an orphaning delete has left behind may
 * carry the number that a later DaemonSet of the same name has reached anew.
 */
export function isUpdated(pod: Pod, { daemonSet, hash }: ObservedDaemonSet): boolean {
  const labels = pod.metadata.labels ?? {}
  const own = labels[revisionHashLabel]
  if (own !== undefined) return own === hash
  const generation = templateGenerationOf(daemonSet)
  return generation !== undefined && labels[templateGenerationLabel] === generation
}

export function isAvailable(pod: Pod, { daemonSet }: ObservedDaemonSet, nowMs: number): boolean {
  return isPodAvailable(pod, daemonSet.spec?.minReadySeconds ?? 0, nowMs)
}

export interface Generations {
  readonly newPod: Pod | undefined
  readonly oldPod: Pod | undefined
}

/**
 * The pods of a node that are to stay; undefined when two are of one sort, which is sorted out
 * first.
 */
export function generationsOn(
  { pods }: DaemonNode,
  observed: ObservedDaemonSet,
): Generations | undefined {
  const staying = pods.filter((pod) => !isTerminating(pod))
  const updated = staying.filter((pod) => isUpdated(pod, observed))
  const outdated = staying.filter((pod) => !isUpdated(pod, observed))
  if (updated.length > 1 || outdated.length > 1) return undefined
  return { newPod: updated[0], oldPod: outdated[0] }
}
