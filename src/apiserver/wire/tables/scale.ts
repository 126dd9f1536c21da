import type { Scale } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

export const scaleTable: TableDefinition<Scale> = {
  columns: [
    nameColumn,
    column('Desired', 'number', 'How many pods there should be.'),
    column('Available', 'number', 'How many pods there are.'),
    ageColumn,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name ?? '',
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    ageOf(metadata.creationTimestamp, nowMs),
  ],
}
