import type { ObjectKey } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { notFound } from '../api/status-error.ts'
import type { Entry } from '../store/store.ts'
import type { ServerContext } from './server-context.ts'
import { storeKey } from './store-keys.ts'

/** The newest version of an object. Throws 404. */
export function existingEntry(context: ServerContext, resource: Resource, key: ObjectKey): Entry {
  const entry = context.store.get(storeKey(resource, key))
  if (!entry) throw notFound(resource, key.name)
  return entry
}
