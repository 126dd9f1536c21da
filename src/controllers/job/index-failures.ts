import type { Job, Pod } from '../../api/generated/types.ts'
import { indexFailureCountAnnotation } from '../../api/names.ts'
import { delayMs, endedAtMs } from './backoff.ts'
import { matchFailurePolicy } from './failure-policy.ts'
import { completionIndexOf, parseIndexes } from './indexes.ts'
import { isFailed } from './tally.ts'

/** Of a Job with backoffLimitPerIndex: how each index has fared. Empty for all others. */
export interface IndexFailures {
  /** How often each index has failed. */
  readonly counts: ReadonlyMap<number, number>
  /** Those that are not tried again. */
  readonly failed: ReadonlySet<number>
  /** When an index that failed may be tried again. */
  readonly retryAtMs: ReadonlyMap<number, number>
}

export function indexFailuresOf(job: Job, pods: readonly Pod[]): IndexFailures {
  const { backoffLimitPerIndex: limit, podFailurePolicy } = job.spec ?? {}
  const counts = new Map<number, number>()
  const retryAtMs = new Map<number, number>()
  const failed = new Set(limit === undefined ? [] : parseIndexes(job.status?.failedIndexes))
  if (limit === undefined) return { counts, failed, retryAtMs }
  for (const pod of pods.filter((each) => isFailed(job, each))) {
    const index = completionIndexOf(pod)
    if (index === undefined) continue
    const action = matchFailurePolicy(podFailurePolicy, pod)?.action
    const earlier = Number(pod.metadata.annotations?.[indexFailureCountAnnotation] ?? 0)
    const count = Math.max(counts.get(index) ?? 0, earlier + (action === 'Ignore' ? 0 : 1))
    counts.set(index, count)
    if (count > limit || action === 'FailIndex') failed.add(index)
    const waitMs = count > 0 ? delayMs(count) : 0
    retryAtMs.set(index, Math.max(retryAtMs.get(index) ?? 0, endedAtMs(pod) + waitMs))
  }
  return { counts, failed, retryAtMs }
}
