import { isConditionTrue } from '../../../api/condition.ts'
import type { Job } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { formatSelector, templateCells } from './format.ts'
import {
  ageColumn,
  column,
  nameColumn,
  selectorColumn,
  type TableDefinition,
  templateColumns,
} from './table.ts'

/** `3/5` for a number of completions; of a Job that ends with its first success, `0/1 of 2`. */
function completionsOf({ spec, status }: Job): string {
  const { completions, parallelism = 0 } = spec ?? {}
  const succeeded = status?.succeeded ?? 0
  if (completions !== undefined) return `${succeeded}/${completions}`
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function statusOf({ metadata, status }: Job): string {
  const has = (type: string) => isConditionTrue(status?.conditions, type)
  if (has('Complete')) return 'Complete'
  if (has('Failed')) return 'Failed'
  if (metadata.deletionTimestamp) return 'Terminating'
  const passing = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(has)
  return passing ?? 'Running'
}

function durationOf({ status }: Job, nowMs: number): string {
  const { startTime, completionTime } = status ?? {}
  if (startTime === undefined) return ''
  return ageOf(startTime, completionTime === undefined ? nowMs : Date.parse(completionTime))
}

export const jobTable: TableDefinition<Job> = {
  columns: [
    nameColumn,
    column('Status', 'text', 'Whether it runs, or how it ended.'),
    column('Completions', 'text', 'Pods that succeeded, of those that must.'),
    column('Duration', 'text', 'How long it has run.'),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  cells: (job, nowMs) => [
    job.metadata.name ?? '',
    statusOf(job),
    completionsOf(job),
    durationOf(job, nowMs),
    ageOf(job.metadata.creationTimestamp, nowMs),
    ...templateCells(job.spec?.template),
    formatSelector(job.spec?.selector),
  ],
}
