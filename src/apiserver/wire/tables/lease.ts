import type { Lease } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

export const leaseTable: TableDefinition<Lease> = {
  columns: [nameColumn, column('Holder', 'text', 'Who holds the lease.'), ageColumn],
  cells: ({ metadata, spec }, nowMs) => [
    metadata.name ?? '',
    spec?.holderIdentity ?? '',
    ageOf(metadata.creationTimestamp, nowMs),
  ],
}
