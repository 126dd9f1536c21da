import type { ReplicationController } from '../../../api/generated/types.ts'
import { replicaSetTable } from './replica-set.ts'
import type { TableDefinition } from './table.ts'

/** As a ReplicaSet, but for the selector, which is plain labels. */
export const replicationControllerTable: TableDefinition<ReplicationController> = {
  columns: replicaSetTable.columns,
  cells: ({ spec, ...controller }, nowMs) => {
    const { selector: matchLabels = {}, ...rest } = spec ?? {}
    return replicaSetTable.cells(
      { ...controller, spec: { ...rest, selector: { matchLabels } } },
      nowMs,
    )
  },
}
