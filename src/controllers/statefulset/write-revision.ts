import type { ControllerRevision, StatefulSet } from '../../api/generated/types.ts'
import { keyOf } from '../../api/object.ts'
import { controllerRevisions } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import { hasDataOf } from '../../rollout/controller-revision.ts'
import { desiredRevision, type UpdateRevision } from '../../rollout/stateful-set-revisions.ts'

export interface WrittenRevision {
  readonly revision: ControllerRevision
  readonly collisionCount: number
}

/** Makes the update's revision be there, under another name while names are taken (D-04, D-05). */
export async function writeRevision(
  statefulSet: StatefulSet,
  plan: UpdateRevision,
  transport: Transport,
): Promise<WrittenRevision> {
  const collisionCount = statefulSet.status?.collisionCount ?? 0
  if (plan.type === 'keep') return { revision: plan.revision, collisionCount }
  if (plan.type === 'create') return create(statefulSet, { ...plan, collisionCount }, transport)
  const { revision } = plan
  return {
    revision: await transport.update(controllerRevisions, keyOf(revision), revision),
    collisionCount,
  }
}

async function create(
  statefulSet: StatefulSet,
  { number, collisionCount }: { readonly number: bigint; readonly collisionCount: number },
  transport: Transport,
): Promise<WrittenRevision> {
  const { namespace } = statefulSet.metadata
  for (let count = collisionCount; ; count += 1) {
    const wanted = desiredRevision(statefulSet, number, count)
    try {
      const revision = await transport.create(controllerRevisions, { namespace }, wanted)
      return { revision: revision as ControllerRevision, collisionCount: count }
    } catch (error) {
      if (!isStatusError(error, 'AlreadyExists')) throw error
      const existing = await transport.get(controllerRevisions, keyOf(wanted))
      if (hasDataOf(existing, wanted)) return { revision: existing, collisionCount: count }
    }
  }
}
