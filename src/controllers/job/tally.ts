import type { Job, Pod } from '../../api/generated/types.ts'
import { jobTrackingFinalizer } from '../../api/names.ts'
import { isTerminating } from '../../api/object.ts'
import { matchFailurePolicy } from './failure-policy.ts'
import { completionIndexOf, parseIndexes } from './indexes.ts'

/**
 * How many pods of a Job have ended, each counted once: a pod that ends is first written down by
 * its uid, then loses its finalizer, and only when it is seen without that does it become a number.
 */
export interface Tally {
  /** Counted for good. */
  readonly succeeded: number
  readonly failed: number
  /** Written down, the finalizer not yet seen to be gone. */
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] }
  /** What the Job goes by: all that have ended, counted or not. */
  readonly succeededInAll: number
  readonly failedInAll: number
  readonly succeededIndexes: ReadonlySet<number>
  /** Pods whose finalizer can go once the status says all this. */
  readonly release: readonly Pod[]
}

export function isTracked({ metadata }: Pod): boolean {
  return (metadata.finalizers ?? []).includes(jobTrackingFinalizer)
}

/** Under the policy `Failed` a pod that is being deleted has not failed until it has ended. */
export function isFailed({ spec }: Job, pod: Pod): boolean {
  const phase = pod.status?.phase
  if (phase === 'Failed') return true
  const isGoing = isTerminating(pod) && phase !== 'Succeeded'
  return isGoing && spec?.podReplacementPolicy !== 'Failed'
}

export function tallyOf(job: Job, pods: readonly Pod[]): Tally {
  const { status, spec } = job
  const tracked = pods.filter(isTracked)
  const trackedUids = new Set(tracked.map(uidOf))
  const before = status?.uncountedTerminatedPods ?? {}
  const waiting = (uids: readonly string[] = []) => uids.filter((uid) => trackedUids.has(uid))
  const gone = (uids: readonly string[] = []) => uids.length - waiting(uids).length
  const isNew = (pod: Pod) =>
    !before.succeeded?.includes(uidOf(pod)) && !before.failed?.includes(uidOf(pod))
  const isIndexed = spec?.completionMode === 'Indexed'
  const isValid = (pod: Pod) => !isIndexed || isIndexIn(completionIndexOf(pod), spec?.completions)
  const fresh = tracked.filter((pod) => isNew(pod) && isValid(pod))
  const newlySucceeded = fresh.filter((pod) => pod.status?.phase === 'Succeeded')
  const newlyFailed = fresh.filter((pod) => isFailed(job, pod) && !isIgnored(job, pod))
  const uncounted = {
    succeeded: [...waiting(before.succeeded), ...newlySucceeded.map(uidOf)],
    failed: [...waiting(before.failed), ...newlyFailed.map(uidOf)],
  }
  const succeededIndexes = indexesOf(job, newlySucceeded)
  const succeeded = isIndexed
    ? succeededIndexes.size
    : (status?.succeeded ?? 0) + gone(before.succeeded)
  const failed = (status?.failed ?? 0) + gone(before.failed)
  return {
    succeeded,
    failed,
    // An index is counted by its number: its uid need not be kept.
    uncounted: isIndexed ? { ...uncounted, succeeded: [] } : uncounted,
    succeededInAll: isIndexed ? succeeded : succeeded + uncounted.succeeded.length,
    failedInAll: failed + uncounted.failed.length,
    succeededIndexes,
    release: tracked.filter((pod) => isEnded(job, pod)),
  }
}

function indexesOf({ spec, status }: Job, newlySucceeded: readonly Pod[]): ReadonlySet<number> {
  if (spec?.completionMode !== 'Indexed') return new Set()
  const known = [...parseIndexes(status?.completedIndexes)]
  const added = newlySucceeded.map(completionIndexOf)
  return new Set([...known, ...added].filter((index) => isIndexIn(index, spec.completions)))
}

function isIndexIn(index: number | undefined, completions = 0): index is number {
  return index !== undefined && index < completions
}

function isIgnored({ spec }: Job, pod: Pod): boolean {
  return matchFailurePolicy(spec?.podFailurePolicy, pod)?.action === 'Ignore'
}

function isEnded(job: Job, pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || isFailed(job, pod) || isTerminating(job)
}

function uidOf({ metadata }: Pod): string {
  return metadata.uid ?? ''
}
