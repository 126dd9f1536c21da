import type { Pod, ReplicaSet } from '../../api/generated/types.ts'
import { newControllerRef } from '../../controller/controller-refs.ts'

/** The longest a name may be, and so a prefix of one. */
const nameLengthMax = 253

/** The pod to create; the server makes its name from `generateName` (C-03, C-04). */
export function podFromTemplate(replicaSet: ReplicaSet): Pod {
  const { name = '', namespace } = replicaSet.metadata
  const { metadata = {}, spec } = replicaSet.spec?.template ?? {}
  const { labels, annotations, finalizers } = metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: name.length < nameLengthMax ? `${name}-` : name,
      namespace,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [newControllerRef(replicaSet)],
    },
    spec: spec ?? { containers: [] },
  }
}
