import type { OwnerReference } from '../api/generated/types.ts'
import type { KubeObject } from '../api/object.ts'

/** The controllerRef that a new dependent of `owner` carries (B-12, C-03, D-01). */
export function ownerReferenceTo(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name ?? '',
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}
