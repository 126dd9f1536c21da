import type { PriorityClass } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

export const priorityClassTable: TableDefinition<PriorityClass> = {
  columns: [
    nameColumn,
    column('Value', 'number', 'The priority of its pods.'),
    column('Global-Default', 'flag', 'Whether pods without a class have it.'),
    ageColumn,
    column('PreemptionPolicy', 'text', 'Whether its pods may take the place of others.'),
  ],
  cells: ({ metadata, value, globalDefault, preemptionPolicy }, nowMs) => [
    metadata.name ?? '',
    value,
    globalDefault ?? false,
    ageOf(metadata.creationTimestamp, nowMs),
    preemptionPolicy ?? '',
  ],
}
