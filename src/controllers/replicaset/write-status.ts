import { semanticEqual } from '../../api/equality.ts'
import type { ReplicaSet, ReplicaSetStatus } from '../../api/generated/types.ts'
import { keyOf } from '../../api/object.ts'
import { replicaSets } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'

/** Writes the status if it changed; after a conflict once more, onto what is live then (C-09). */
export async function writeStatus(
  replicaSet: ReplicaSet,
  status: ReplicaSetStatus,
  { transport }: { readonly transport: Transport },
): Promise<void> {
  const stored = replicaSet.status ?? { replicas: 0 }
  if (semanticEqual('ReplicaSetStatus', stored, status)) return
  const key = keyOf(replicaSet)
  const write = (onto: ReplicaSet) => {
    const object: ReplicaSet = { ...onto, status }
    return transport.update(replicaSets, key, object, { subresource: 'status' })
  }
  try {
    await write(replicaSet)
  } catch (error) {
    if (!isStatusError(error, 'Conflict')) throw error
    const live = await transport.get(replicaSets, key)
    if (live.metadata.uid !== replicaSet.metadata.uid) throw error
    await write(live)
  }
}
