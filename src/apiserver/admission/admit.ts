import type { Pod, PriorityClass, Service } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { persistentVolumeClaims, pods, priorityClasses, services } from '../../api/scheme.ts'
import type { ServerContext } from '../server-context.ts'
import { withDefaultClass } from './default-classes.ts'
import { checkLimitRanges, withLimitRanges } from './limit-ranges.ts'
import { checkNamespaceForCreate } from './namespace-lifecycle.ts'
import { admitPod } from './pod-defaults.ts'
import { checkOneDefaultClass, withPriority } from './priority.ts'

/** What the cluster decides of a new object, before validation. Throws 403, 404. */
export function admitCreate(
  context: ServerContext,
  resource: Resource,
  object: KubeObject,
): KubeObject {
  checkNamespaceForCreate(context.store, resource, object)
  const { store } = context
  if (resource !== pods) return withDefaultClass(store, resource, object)
  return admitPod(withPriority(store, withLimitRanges(store, object as Pod)))
}

export interface Allocated {
  readonly object: KubeObject
  /** To be called when the write has ended, either way. */
  release(): void
}

interface Allocation {
  readonly resource: Resource
  readonly object: KubeObject
  /** What is replaced; absent where the object is new. */
  readonly old?: KubeObject
}

/**
 * What the cluster hands out to a valid object: a place in its namespace's quotas, addresses and
 * ports. Throws 403, 422.
 */
export function allocate(context: ServerContext, { resource, object, old }: Allocation): Allocated {
  if (!old || resource === persistentVolumeClaims) {
    checkLimitRanges(context.store, resource, object)
  }
  if (resource === priorityClasses) checkOneDefaultClass(context.store, object as PriorityClass)
  const giveBack = context.quotaLedger.reserve({ resource, object, old })
  if (resource !== services) return { object, release: giveBack }
  try {
    const { service, release } = context.serviceAllocator.allocate(object as Service)
    const releaseAll = () => {
      release()
      giveBack()
    }
    return { object: service, release: releaseAll }
  } catch (error) {
    giveBack()
    throw error
  }
}
