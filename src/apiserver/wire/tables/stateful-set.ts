import type { StatefulSet } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { templateCells } from './format.ts'
import { ageColumn, column, nameColumn, type TableDefinition, templateColumns } from './table.ts'

export const statefulSetTable: TableDefinition<StatefulSet> = {
  columns: [
    nameColumn,
    column('Ready', 'text', 'Ready pods, of those desired.'),
    ageColumn,
    ...templateColumns,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name ?? '',
    `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    ageOf(metadata.creationTimestamp, nowMs),
    ...templateCells(spec?.template),
  ],
}
