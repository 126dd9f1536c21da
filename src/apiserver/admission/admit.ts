import type { Pod, Service } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { pods, services } from '../../api/scheme.ts'
import type { ServerContext } from '../server-context.ts'
import { checkNamespaceForCreate } from './namespace-lifecycle.ts'
import { admitPod } from './pod-defaults.ts'

/** What the cluster decides of a new object, before validation. Throws 403, 404. */
export function admitCreate(
  context: ServerContext,
  resource: Resource,
  object: KubeObject,
): KubeObject {
  checkNamespaceForCreate(context.store, resource, object)
  return resource === pods ? admitPod(object as Pod) : object
}

export interface Allocated {
  readonly object: KubeObject
  /** To be called when the write has ended, either way. */
  release(): void
}

/** What the cluster hands out to a valid object: addresses and ports. Throws 422. */
export function allocate(
  context: ServerContext,
  resource: Resource,
  object: KubeObject,
): Allocated {
  if (resource !== services) return { object, release: () => {} }
  const { service, release } = context.serviceAllocator.allocate(object as Service)
  return { object: service, release }
}
