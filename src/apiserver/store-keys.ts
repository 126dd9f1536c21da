import type { ObjectKey } from '../api/object.ts'
import { qualifiedPlural, type Resource } from '../api/resource.ts'
import type { Collection } from '../api/transport.ts'

/** What all keys of a resource start with: `deployments.apps/`. */
export function resourcePrefix(resource: Resource): string {
  return `${qualifiedPlural(resource)}/`
}

/** What all keys of a collection start with: `pods/default/`, or `pods/` for all namespaces. */
export function collectionPrefix(resource: Resource, { namespace }: Collection): string {
  const prefix = resourcePrefix(resource)
  return resource.namespaced && namespace ? `${prefix}${namespace}/` : prefix
}

/** The store's key of one object: `pods/default/app`, `nodes/n1`. */
export function storeKey(resource: Resource, { namespace, name }: ObjectKey): string {
  return `${collectionPrefix(resource, { namespace })}${name}`
}
