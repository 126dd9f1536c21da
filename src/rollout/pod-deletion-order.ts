import type { Pod } from '../api/generated/types.ts'
import { podDeletionCostAnnotation } from '../api/names.ts'
import { isPodReady, maxRestarts, podCondition } from '../api/pod-facts.ts'

export interface DeletionFacts {
  /** Active pods of all ReplicaSets with the same controller, by node name. */
  readonly relatedPodsByNode: ReadonlyMap<string, number>
  readonly nowMs: number
}

/** The pods, the first to delete first (C-08). */
export function rankPodsForDeletion(
  pods: readonly Pod[],
  { relatedPodsByNode, nowMs }: DeletionFacts,
): readonly Pod[] {
  const ranked = pods.map((pod) => rankedPod(pod, relatedPodsByNode))
  return ranked.sort((a, b) => compare(a, b, nowMs)).map(({ pod }) => pod)
}

/**
 * What decides, read once for each pod. A smaller number goes first, except where `compare` says
 * otherwise.
 */
interface RankedPod {
  readonly pod: Pod
  readonly uid: string
  readonly steps: readonly number[]
  readonly readyAtMs: number | undefined
  readonly isReady: boolean
  readonly restarts: readonly number[]
  readonly createdAtMs: number | undefined
}

const phases = ['Pending', 'Unknown', 'Running']

function rankedPod(pod: Pod, relatedPodsByNode: ReadonlyMap<string, number>): RankedPod {
  const node = pod.spec?.nodeName ?? ''
  const isReady = isPodReady(pod)
  const { regular, sidecar } = maxRestarts(pod)
  return {
    pod,
    uid: pod.metadata.uid ?? '',
    steps: [
      node === '' ? 0 : 1,
      // An unknown phase counts as Pending.
      Math.max(phases.indexOf(pod.status?.phase ?? ''), 0),
      isReady ? 1 : 0,
      deletionCost(pod),
      -(relatedPodsByNode.get(node) ?? 0),
    ],
    isReady,
    readyAtMs: parsedMs(podCondition(pod, 'Ready')?.lastTransitionTime),
    restarts: [-regular, -sidecar],
    createdAtMs: parsedMs(pod.metadata.creationTimestamp),
  }
}

function compare(a: RankedPod, b: RankedPod, nowMs: number): number {
  const readiness = a.isReady && b.isReady ? compareAge(a, b, { nowMs, of: 'readyAtMs' }) : 0
  return (
    compareLists(a.steps, b.steps) ||
    readiness ||
    compareLists(a.restarts, b.restarts) ||
    compareAge(a, b, { nowMs, of: 'createdAtMs' })
  )
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) {
    const difference = value - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/**
 * Younger first, but only by the order of magnitude of the age, so that the pods of one scale-up
 * are not all taken again; in the same bucket the uid decides. One without a time goes first.
 */
function compareAge(
  a: RankedPod,
  b: RankedPod,
  { nowMs, of }: { readonly nowMs: number; readonly of: 'readyAtMs' | 'createdAtMs' },
): number {
  const [left, right] = [a[of], b[of]]
  if (left === right) return 0
  if (left === undefined) return -1
  if (right === undefined) return 1
  const difference = ageBucket(nowMs - left) - ageBucket(nowMs - right)
  return difference || (a.uid < b.uid ? -1 : 1)
}

/** floor(log2(age in nanoseconds)); -1 for no age. */
export function ageBucket(ageMs: number): number {
  return ageMs > 0 ? Math.floor(Math.log2(ageMs * 1e6)) : -1
}

function parsedMs(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time)
}

/** An int32 written without plus sign or leading zeros; anything else is 0. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[podDeletionCostAnnotation] ?? ''
  if (!/^(0|-?[1-9]\d{0,9})$/.test(text)) return 0
  const cost = Number(text)
  return cost >= -(2 ** 31) && cost < 2 ** 31 ? cost : 0
}
