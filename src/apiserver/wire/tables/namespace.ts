import type { Namespace } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

export const namespaceTable: TableDefinition<Namespace> = {
  columns: [nameColumn, column('Status', 'text', 'Active or Terminating.'), ageColumn],
  cells: ({ metadata, status }, nowMs) => [
    metadata.name ?? '',
    status?.phase ?? '',
    ageOf(metadata.creationTimestamp, nowMs),
  ],
}
