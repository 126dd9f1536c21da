import type { CronJob } from '../../../api/generated/types.ts'
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

function flagText(flag: boolean | undefined): string {
  if (flag === undefined) return '<unset>'
  return flag ? 'True' : 'False'
}

export const cronJobTable: TableDefinition<CronJob> = {
  columns: [
    nameColumn,
    column('Schedule', 'text', 'When it is due, in the notation of cron.'),
    column('Timezone', 'text', 'The time zone of the schedule.'),
    column('Suspend', 'flag', 'Whether its schedule is suspended.'),
    column('Active', 'number', 'How many of its Jobs run.'),
    column('Last Schedule', 'text', 'Time since it was due last.'),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name ?? '',
    spec?.schedule ?? '',
    spec?.timeZone ?? '<none>',
    flagText(spec?.suspend),
    status?.active?.length ?? 0,
    status?.lastScheduleTime ? ageOf(status.lastScheduleTime, nowMs) : '<none>',
    ageOf(metadata.creationTimestamp, nowMs),
    ...templateCells(spec?.jobTemplate.spec?.template),
    formatSelector(spec?.jobTemplate.spec?.selector),
  ],
}
