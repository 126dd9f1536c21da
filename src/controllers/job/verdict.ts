import { findCondition, isConditionTrue } from '../../api/condition.ts'
import type { Job, Pod } from '../../api/generated/types.ts'
import { matchFailurePolicy } from './failure-policy.ts'
import { matchSuccessPolicy } from './success-policy.ts'
import { isFailed, type Tally } from './tally.ts'

/** How a Job is going to end. */
export interface Verdict {
  readonly outcome: 'Complete' | 'Failed'
  readonly reason: string
  readonly message: string
}

export function isFinished({ status }: Job): boolean {
  return ['Complete', 'Failed'].some((type) => isConditionTrue(status?.conditions, type))
}

export interface Circumstances {
  readonly job: Job
  readonly pods: readonly Pod[]
  readonly activeCount: number
  readonly tally: Tally
  readonly failedIndexes: ReadonlySet<number>
  readonly nowMs: number
}

/** Undefined while the Job goes on. What was decided once stays so. */
export function verdictOn(circumstances: Circumstances): Verdict | undefined {
  const { job } = circumstances
  const { conditions } = job.status ?? {}
  const target = findCondition(conditions, 'FailureTarget')
  if (target?.status === 'True') return failed(target.reason ?? '', target.message ?? '')
  const met = findCondition(conditions, 'SuccessCriteriaMet')
  if (met?.status === 'True') return succeeded(met.reason ?? '', met.message ?? '')
  return failureOf(circumstances) ?? successOf(circumstances)
}

function successOf(circumstances: Circumstances): Verdict | undefined {
  const { job, tally } = circumstances
  const rule = matchSuccessPolicy(job, tally.succeededIndexes)
  if (rule !== undefined) return succeeded('SuccessPolicy', rule)
  if (!isComplete(circumstances)) return undefined
  return succeeded('CompletionsReached', 'Reached expected number of succeeded pods')
}

function succeeded(reason: string, message: string): Verdict {
  return { outcome: 'Complete', reason, message }
}

function failed(reason: string, message: string): Verdict {
  return { outcome: 'Failed', reason, message }
}

function failureOf(circumstances: Circumstances): Verdict | undefined {
  const { job, pods, tally, nowMs } = circumstances
  const policy = job.spec?.podFailurePolicy
  const matches = pods
    .filter((pod) => isFailed(job, pod))
    .map((pod) => matchFailurePolicy(policy, pod))
  const fatal = matches.find((match) => match?.action === 'FailJob')
  if (fatal) return failed('PodFailurePolicy', fatal.message)
  const backoffLimit = job.spec?.backoffLimit ?? 6
  if (tally.failedInAll > backoffLimit || restartedTooOften(job, pods, backoffLimit)) {
    return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  }
  if ((deadlineMs(job) ?? Number.POSITIVE_INFINITY) <= nowMs) {
    return failed('DeadlineExceeded', 'Job was active longer than specified deadline')
  }
  return indexFailureOf(circumstances)
}

function indexFailureOf({ job, tally, failedIndexes }: Circumstances): Verdict | undefined {
  const { maxFailedIndexes = Number.POSITIVE_INFINITY, completions = 0 } = job.spec ?? {}
  if (failedIndexes.size > maxFailedIndexes) {
    const text = 'Job has exceeded the specified maximal number of failed indexes'
    return failed('MaxFailedIndexesExceeded', text)
  }
  const ended = failedIndexes.size + tally.succeededIndexes.size
  if (failedIndexes.size === 0 || ended < completions) return undefined
  return failed('FailedIndexes', 'Job has failed indexes')
}

/** Containers that restart in their pod count too, where pods do (OnFailure). */
function restartedTooOften({ spec }: Job, pods: readonly Pod[], limit: number): boolean {
  if (spec?.template.spec?.restartPolicy !== 'OnFailure') return false
  const restarts = pods
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .flatMap(({ status }) => [
      ...(status?.initContainerStatuses ?? []),
      ...(status?.containerStatuses ?? []),
    ])
    .reduce((sum, { restartCount }) => sum + restartCount, 0)
  return limit === 0 ? restarts > 0 : restarts >= limit
}

/** When the Job has been active for too long; undefined while nothing of the kind is due. */
export function deadlineMs({ spec, status }: Job): number | undefined {
  const { activeDeadlineSeconds, suspend } = spec ?? {}
  if (activeDeadlineSeconds === undefined || !status?.startTime || suspend) return undefined
  return Date.parse(status.startTime) + activeDeadlineSeconds * 1000
}

/** Without a number of completions the first success ends it, when all others have ended. */
function isComplete({ job, activeCount, tally }: Circumstances): boolean {
  if (activeCount > 0) return false
  const { completions } = job.spec ?? {}
  return completions === undefined ? tally.succeededInAll > 0 : tally.succeededInAll >= completions
}
