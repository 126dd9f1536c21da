import type { OwnerReference } from '../../api/generated/types.ts'
import { foregroundFinalizer, orphanFinalizer } from '../../api/names.ts'
import { isTerminating, type KubeObject } from '../../api/object.ts'

/**
 * `solid`: it exists and stays. `waiting`: it is being deleted in the foreground and waits for its
 * dependents. `absent`: it does not exist, or something else has its name now. `unknown`: of a kind
 * that nobody serves, or that cannot own this object, so nothing can be said.
 */
export type OwnerState = 'solid' | 'waiting' | 'absent' | 'unknown'

export interface ObservedOwner {
  readonly reference: OwnerReference
  readonly state: OwnerState
}

export interface ObservedDependent {
  readonly object: KubeObject
  readonly owners: readonly ObservedOwner[]
  readonly dependents: readonly KubeObject[]
}

export type DependentPlan =
  | { readonly action: 'keep' }
  /** Take these references away; the object has another owner that stays. */
  | { readonly action: 'drop-references'; readonly uids: readonly string[] }
  /** `unblock`: first let the owners go ahead, for they wait in a circle. */
  | { readonly action: 'delete'; readonly policy: PropagationPolicy; readonly unblock: boolean }

export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan'

/** The policy that the object's own finalizers ask for (E-01). */
function ownPolicy({ metadata: { finalizers = [] } }: KubeObject): PropagationPolicy {
  if (finalizers.includes(orphanFinalizer)) return 'Orphan'
  return finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background'
}

/** What becomes of an object whose owners are in these states (E-01, E-04). */
export function planDependent({ object, owners, dependents }: ObservedDependent): DependentPlan {
  if (owners.length === 0 || isTerminating(object)) return { action: 'keep' }
  // Of which nothing can be said, nothing is done, whatever is known of the others.
  if (owners.some(({ state }) => state === 'unknown')) return { action: 'keep' }
  const stays = owners.some(({ state }) => state === 'solid')
  const lost = owners.filter(({ state }) => state === 'absent' || state === 'waiting')
  if (stays) {
    if (lost.length === 0) return { action: 'keep' }
    return { action: 'drop-references', uids: lost.map(({ reference }) => reference.uid) }
  }
  const isAwaited = owners.some(({ state }) => state === 'waiting')
  return {
    action: 'delete',
    policy: isAwaited && dependents.length > 0 ? 'Foreground' : ownPolicy(object),
    unblock: isAwaited && dependents.some(isDeletingDependents),
  }
}

export function isDeletingDependents(object: KubeObject): boolean {
  return isTerminating(object) && (object.metadata.finalizers ?? []).includes(foregroundFinalizer)
}

export type OwnerPlan =
  | { readonly action: 'none' }
  /** Free the dependents of this reference, then take the finalizer away (E-05). */
  | { readonly action: 'orphan' }
  /** Dependents must go first; these have not been told yet (E-04). */
  | { readonly action: 'wait'; readonly undeleted: readonly KubeObject[] }
  | { readonly action: 'finish' }

/** Whether the dependent holds this owner back until it is gone. */
function blocks(dependent: KubeObject, ownerUid: string | undefined): boolean {
  const references = dependent.metadata.ownerReferences ?? []
  return references.some(({ uid, blockOwnerDeletion }) => uid === ownerUid && blockOwnerDeletion)
}

/** What an object that is being deleted needs from the collector (E-04, E-05). */
export function planOwner(owner: KubeObject, dependents: readonly KubeObject[]): OwnerPlan {
  const { finalizers = [], uid } = owner.metadata
  if (!isTerminating(owner)) return { action: 'none' }
  if (finalizers.includes(orphanFinalizer)) return { action: 'orphan' }
  if (!finalizers.includes(foregroundFinalizer)) return { action: 'none' }
  const blocking = dependents.filter((dependent) => blocks(dependent, uid))
  if (blocking.length === 0) return { action: 'finish' }
  return { action: 'wait', undeleted: blocking.filter((dependent) => !isTerminating(dependent)) }
}
