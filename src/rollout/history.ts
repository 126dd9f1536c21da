import type { Deployment, ReplicaSet } from '../api/generated/types.ts'
import { changeCauseAnnotation } from '../api/names.ts'
import { observeDeployment } from './observed-deployment.ts'
import { revisionOf } from './revisions.ts'

/** One line of `rollout history` (G-20, G-21). */
export interface HistoryRow {
  readonly revision: bigint
  /** `<none>` where nobody gave one. */
  readonly changeCause: string
  readonly replicaSet: ReplicaSet
}

/**
 * Every owned ReplicaSet with a readable revision, ascending; of two with the same one, the new
 * ReplicaSet, else the younger, stands.
 */
export function historyRows(
  deployment: Deployment,
  owned: readonly ReplicaSet[],
): readonly HistoryRow[] {
  const rows = new Map<bigint, HistoryRow>()
  for (const replicaSet of observeDeployment(deployment, owned).replicaSets) {
    const revision = revisionOf(replicaSet)
    const changeCause = replicaSet.metadata.annotations?.[changeCauseAnnotation] || '<none>'
    if (revision !== undefined) rows.set(revision, { revision, changeCause, replicaSet })
  }
  return [...rows.values()].sort((a, b) => (a.revision < b.revision ? -1 : 1))
}

/** The row that `rollout history --revision` shows (G-23); undefined: there is none (G-24). */
export function historyRow(rows: readonly HistoryRow[], revision: bigint): HistoryRow | undefined {
  return rows.find((row) => row.revision === revision)
}
