import { findCondition } from '../../api/condition.ts'
import type { Job, JobCondition, JobStatus, Pod } from '../../api/generated/types.ts'
import { isPodReady } from '../../api/pod-facts.ts'
import { timestamp } from '../../base/clock.ts'
import type { IndexFailures } from './index-failures.ts'
import { formatIndexes } from './indexes.ts'
import type { Tally } from './tally.ts'
import type { Verdict } from './verdict.ts'

interface Situation {
  readonly job: Job
  readonly active: readonly Pod[]
  readonly ending: readonly Pod[]
  readonly tally: Tally
  readonly failures: IndexFailures
  readonly verdict: Verdict | undefined
  /** No pod is left that could still change the numbers. */
  readonly isSettled: boolean
  readonly nowMs: number
}

/** The status that says all this; numbers that are zero are left out, as Go leaves them out. */
export function jobStatus(situation: Situation): JobStatus {
  const { job, active, ending, tally, failures, verdict, isSettled, nowMs } = situation
  const conditions = conditionsOf(situation)
  const isComplete = verdict?.outcome === 'Complete' && isSettled
  const startTime = startTimeOf(situation)
  const isPerIndex = job.spec?.backoffLimitPerIndex !== undefined
  return {
    ...(conditions.length > 0 && { conditions }),
    ...(startTime !== undefined && { startTime }),
    ...(isComplete && { completionTime: timestamp(nowMs) }),
    ...(active.length > 0 && { active: active.length }),
    ready: active.filter(isPodReady).length,
    terminating: ending.length,
    ...(tally.succeeded > 0 && { succeeded: tally.succeeded }),
    ...(tally.failed > 0 && { failed: tally.failed }),
    ...(tally.succeededIndexes.size > 0 && {
      completedIndexes: formatIndexes(tally.succeededIndexes),
    }),
    ...(isPerIndex && { failedIndexes: formatIndexes(failures.failed) }),
    uncountedTerminatedPods: {
      ...(tally.uncounted.succeeded.length > 0 && { succeeded: tally.uncounted.succeeded }),
      ...(tally.uncounted.failed.length > 0 && { failed: tally.uncounted.failed }),
    },
  }
}

/** A Job that goes on after a suspension begins anew, and with it its deadline. */
function startTimeOf({ job, nowMs }: Situation): string | undefined {
  const { startTime, conditions } = job.status ?? {}
  if (job.spec?.suspend) return startTime
  const wasSuspended = findCondition(conditions, 'Suspended')?.status === 'True'
  return startTime === undefined || wasSuspended ? timestamp(nowMs) : startTime
}

function conditionsOf({ job, verdict, isSettled, nowMs }: Situation): readonly JobCondition[] {
  const { conditions = [] } = job.status ?? {}
  if (!verdict) return withSuspension(job, conditions, nowMs)
  const interim = verdict.outcome === 'Failed' ? 'FailureTarget' : 'SuccessCriteriaMet'
  const types = isSettled ? [interim, verdict.outcome] : [interim]
  const added = types
    .filter((type) => findCondition(conditions, type) === undefined)
    .map((type) => conditionAt(nowMs, { ...verdict, type, status: 'True' }))
  return [...conditions, ...added]
}

function withSuspension(
  { spec }: Job,
  conditions: readonly JobCondition[],
  nowMs: number,
): readonly JobCondition[] {
  const known = findCondition(conditions, 'Suspended')
  const status = spec?.suspend ? 'True' : 'False'
  // A Job that never was suspended says nothing of it.
  if (known === undefined && status === 'False') return conditions
  if (known?.status === status) return conditions
  const [reason, message] = spec?.suspend
    ? ['JobSuspended', 'Job suspended']
    : ['JobResumed', 'Job resumed']
  const next = conditionAt(nowMs, { type: 'Suspended', status, reason, message })
  return [...conditions.filter((one) => one !== known), next]
}

interface Fact {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

function conditionAt(nowMs: number, { type, status, reason, message }: Fact): JobCondition {
  const now = timestamp(nowMs)
  return { type, status, lastProbeTime: now, lastTransitionTime: now, reason, message }
}
