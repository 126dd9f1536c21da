import type { Job, Pod } from '../../api/generated/types.ts'
import { rankPodsForDeletion } from '../../rollout/pod-deletion-order.ts'
import { retryAtMs } from './backoff.ts'
import type { IndexFailures } from './index-failures.ts'
import { completionIndexOf } from './indexes.ts'
import { isFailed, type Tally } from './tally.ts'

/** A pod to be made; `index` and how often that failed before, of an Indexed Job. */
export interface NewPod {
  readonly index?: number
  readonly earlierFailures?: number
}

export interface DoomedPod {
  readonly pod: Pod
  /** Its end is to be counted as a failure: the finalizer stays until then. */
  readonly isCounted: boolean
}

export interface PodsPlan {
  readonly create: readonly NewPod[]
  readonly delete: readonly DoomedPod[]
}

interface Situation {
  readonly job: Job
  readonly pods: readonly Pod[]
  readonly active: readonly Pod[]
  readonly ending: readonly Pod[]
  readonly tally: Tally
  readonly failures: IndexFailures
  readonly nowMs: number
}

/** Creates and deletes of one pass, at most. */
const burst = 500

/** Brings the active pods to what parallelism and the completions that are missing want. */
export function planPods(situation: Situation): PodsPlan & { readonly retryAtMs?: number } {
  const { job, active, ending } = situation
  if (job.spec?.suspend) return { create: [], delete: uncounted(active) }
  const waitsForEnd = job.spec?.podReplacementPolicy === 'Failed'
  const taken = active.length + (waitsForEnd ? ending.length : 0)
  const wanted = wantedActive(situation)
  // Those on their way out hold a place for others, and are none too many themselves.
  const surplus = surplusPods(situation, Math.max(active.length - wanted, 0))
  if (surplus.length > 0) return { create: [], delete: uncounted(surplus.slice(0, burst)) }
  const missing = Math.min(wanted - taken, burst)
  return missing > 0 ? planCreation(situation, missing) : { create: [], delete: [] }
}

function uncounted(pods: readonly Pod[]): readonly DoomedPod[] {
  return pods.map((pod) => ({ pod, isCounted: false }))
}

function wantedActive({ job, active, tally }: Situation): number {
  const { completions, parallelism = 1 } = job.spec ?? {}
  if (completions === undefined) return tally.succeededInAll > 0 ? active.length : parallelism
  return Math.max(Math.min(completions - tally.succeededInAll, parallelism), 0)
}

/** Pods of an index that another pod has, or that there is none of, and as many as are too many. */
function surplusPods({ job, active, nowMs }: Situation, count: number): readonly Pod[] {
  const ranked = rankPodsForDeletion(active, { relatedPodsByNode: new Map(), nowMs })
  const { completionMode, completions = 0 } = job.spec ?? {}
  const seen = new Set<number>()
  const wrong =
    completionMode === 'Indexed'
      ? ranked.toReversed().filter((pod) => {
          const index = completionIndexOf(pod)
          if (index === undefined || index >= completions || seen.has(index)) return true
          seen.add(index)
          return false
        })
      : []
  const rest = ranked.filter((pod) => !wrong.includes(pod))
  return [...wrong, ...rest.slice(0, Math.max(count - wrong.length, 0))]
}

function planCreation(
  situation: Situation,
  missing: number,
): PodsPlan & { readonly retryAtMs?: number } {
  const { job, pods, nowMs } = situation
  const isPerIndex = job.spec?.backoffLimitPerIndex !== undefined
  if (!isPerIndex) {
    const atMs = retryAtMs(
      pods.filter((pod) => isFailed(job, pod)),
      pods.filter(({ status }) => status?.phase === 'Succeeded'),
    )
    if (atMs > nowMs) return { create: [], delete: [], retryAtMs: atMs }
  }
  if (job.spec?.completionMode !== 'Indexed') {
    return { create: Array.from({ length: missing }, () => ({})), delete: [] }
  }
  return planIndexes(situation, missing)
}

function planIndexes(
  situation: Situation,
  missing: number,
): PodsPlan & { readonly retryAtMs?: number } {
  const { job, failures, nowMs } = situation
  const isPerIndex = job.spec?.backoffLimitPerIndex !== undefined
  const dueMs = (index: number) => failures.retryAtMs.get(index) ?? 0
  const pending = pendingIndexes(situation, missing)
  const later = pending.filter((index) => dueMs(index) > nowMs)
  const create = pending
    .filter((index) => !later.includes(index))
    .map((index) => ({
      index,
      ...(isPerIndex && { earlierFailures: failures.counts.get(index) ?? 0 }),
    }))
  const next = later.length > 0 ? { retryAtMs: Math.min(...later.map(dueMs)) } : {}
  return { create, delete: [], ...next }
}

/** The first indexes that nobody works on, has done, or has given up. */
function pendingIndexes(situation: Situation, count: number): readonly number[] {
  const { job, active, ending, tally, failures } = situation
  const occupants = job.spec?.podReplacementPolicy === 'Failed' ? [...active, ...ending] : active
  const taken = new Set(occupants.map(completionIndexOf))
  const pending: number[] = []
  for (let index = 0; index < (job.spec?.completions ?? 0) && pending.length < count; index += 1) {
    const isDone = tally.succeededIndexes.has(index) || failures.failed.has(index)
    if (!isDone && !taken.has(index)) pending.push(index)
  }
  return pending
}
