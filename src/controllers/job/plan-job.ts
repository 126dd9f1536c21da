import type { Job, Pod } from '../../api/generated/types.ts'
import { isTerminating } from '../../api/object.ts'
import { isPodActive, isPodTerminal } from '../../api/pod-facts.ts'
import { type IndexFailures, indexFailuresOf } from './index-failures.ts'
import { jobStatus } from './job-status.ts'
import { type PodsPlan, planPods } from './plan-pods.ts'
import { isTracked, tallyOf } from './tally.ts'
import { deadlineMs, isFinished, type Verdict, verdictOn } from './verdict.ts'

/** What one pass sees. */
export interface ObservedJob {
  readonly job: Job
  /** All that the Job owns, also those that have ended. */
  readonly pods: readonly Pod[]
  /** Every write of the last passes has been seen (C-07). */
  readonly canManage: boolean
}

export interface JobPlan extends PodsPlan {
  /** To be written before anything else. */
  readonly status: NonNullable<Job['status']>
  /** Then these lose the finalizer that kept them to be counted. */
  readonly release: readonly Pod[]
  /** Look again at this time, though nothing happens. */
  readonly wakeAtMs: number | undefined
}

/** What one pass does for a Job (batch/v1): status, finalizers, pods. Pure. */
export function planJob(observed: ObservedJob, nowMs: number): JobPlan {
  const { job, pods } = observed
  if (isFinished(job)) {
    const release = pods.filter(isTracked)
    return { status: job.status ?? {}, release, create: [], delete: [], wakeAtMs: undefined }
  }
  const tally = tallyOf(job, pods)
  const failures = indexFailuresOf(job, pods)
  const active = pods.filter(isPodActive)
  const ending = pods.filter((pod) => isTerminating(pod) && !isPodTerminal(pod))
  const verdict = verdictOn({
    job,
    pods,
    activeCount: active.length,
    tally,
    failedIndexes: failures.failed,
    nowMs,
  })
  const { canManage } = observed
  const isManaged = canManage && !isTerminating(job)
  const podsPlan = planned(verdict, { job, pods, active, ending, failures, isManaged, nowMs })
  const isSettled = active.length + ending.length === 0 && !pods.some(isTracked) && canManage
  const status = jobStatus({ job, active, ending, tally, failures, verdict, isSettled, nowMs })
  const wakeAtMs = earliest(podsPlan.retryAtMs, deadlineMs({ ...job, status }))
  return { ...podsPlan, status, release: tally.release, wakeAtMs }
}

interface Situation {
  readonly job: Job
  readonly pods: readonly Pod[]
  readonly active: readonly Pod[]
  readonly ending: readonly Pod[]
  readonly failures: IndexFailures
  readonly isManaged: boolean
  readonly nowMs: number
}

/** A Job that has ended deletes what still runs; one that has failed counts that as failed. */
function planned(
  verdict: Verdict | undefined,
  situation: Situation,
): PodsPlan & { readonly retryAtMs?: number } {
  const { active, isManaged, job, pods } = situation
  if (verdict) {
    const isCounted = verdict.outcome === 'Failed'
    return { create: [], delete: active.map((pod) => ({ pod, isCounted })) }
  }
  if (!isManaged) return { create: [], delete: [] }
  return planPods({ ...situation, tally: tallyOf(job, pods) })
}

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}
