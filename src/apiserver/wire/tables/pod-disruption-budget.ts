import type { PodDisruptionBudget } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

export const podDisruptionBudgetTable: TableDefinition<PodDisruptionBudget> = {
  columns: [
    nameColumn,
    column('Min Available', 'text', 'How many of the pods must stay available.'),
    column('Max Unavailable', 'text', 'How many of the pods may be unavailable.'),
    column('Allowed Disruptions', 'number', 'How many pods may be evicted now.'),
    ageColumn,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name ?? '',
    `${spec?.minAvailable ?? 'N/A'}`,
    `${spec?.maxUnavailable ?? 'N/A'}`,
    status?.disruptionsAllowed ?? 0,
    ageOf(metadata.creationTimestamp, nowMs),
  ],
}
