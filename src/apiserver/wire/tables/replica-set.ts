import type { ReplicaSet } from '../../../api/generated/types.ts'
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

export const replicaSetTable: TableDefinition<ReplicaSet> = {
  columns: [
    nameColumn,
    column('Desired', 'number', 'How many pods there should be.'),
    column('Current', 'number', 'How many pods there are.'),
    column('Ready', 'number', 'How many of them are ready.'),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name ?? '',
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    ageOf(metadata.creationTimestamp, nowMs),
    ...templateCells(spec?.template),
    formatSelector(spec?.selector),
  ],
}
