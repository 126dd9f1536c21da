import type { LimitRange, PersistentVolumeClaim, Pod } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import { applyLimitRanges, claimRefusal, podRefusal } from '../../api/quota/limit-ranges.ts'
import type { Resource } from '../../api/resource.ts'
import { limitRanges, persistentVolumeClaims, pods } from '../../api/scheme.ts'
import { forbidden } from '../../api/status-error.ts'
import type { Store } from '../../store/store.ts'
import { collectionPrefix } from '../store-keys.ts'

function rangesOf(store: Store, namespace: string | undefined): readonly LimitRange[] {
  const { entries } = store.list(collectionPrefix(limitRanges, { namespace }))
  return entries.map(({ object }) => object as LimitRange)
}

/** A new pod with what its namespace's LimitRanges give to containers. */
export function withLimitRanges(store: Store, pod: Pod): Pod {
  return applyLimitRanges(pod, rangesOf(store, pod.metadata.namespace))
}

/** Throws 403 for a new pod or a claim that is outside of its namespace's LimitRanges. */
export function checkLimitRanges(store: Store, resource: Resource, object: KubeObject): void {
  if (resource !== pods && resource !== persistentVolumeClaims) return
  const ranges = rangesOf(store, object.metadata.namespace)
  const why =
    resource === pods
      ? podRefusal(object as Pod, ranges)
      : claimRefusal(object as PersistentVolumeClaim, ranges)
  if (why) throw forbidden(resource, object.metadata.name ?? '', { why })
}
