import type { NetworkPolicy } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { formatSelector } from './format.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

export const networkPolicyTable: TableDefinition<NetworkPolicy> = {
  columns: [nameColumn, column('Pod-Selector', 'text', 'Which pods it is about.'), ageColumn],
  cells: ({ metadata, spec }, nowMs) => [
    metadata.name ?? '',
    formatSelector(spec?.podSelector),
    ageOf(metadata.creationTimestamp, nowMs),
  ],
}
