import type { KubeObject } from '../../api/object.ts'
import { isTerminating } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { namespaces } from '../../api/scheme.ts'
import { forbidden, notFound } from '../../api/status-error.ts'
import type { Store } from '../../store/store.ts'
import { storeKey } from '../store-keys.ts'

const undeletable = ['default', 'kube-system', 'kube-public']

/**
 * Nothing is created in a namespace that does not exist or is going away (E-21). Throws 404, 403.
 */
export function checkNamespaceForCreate(
  store: Store,
  resource: Resource,
  object: KubeObject,
): void {
  if (!resource.namespaced) return
  const { name = '', namespace = '' } = object.metadata
  const entry = store.get(storeKey(namespaces, { name: namespace }))
  if (!entry) throw notFound(namespaces, namespace)
  if (!isTerminating(entry.object as KubeObject)) return
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`
  const message = `namespace ${namespace} is being terminated`
  const cause = { reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }
  throw forbidden(resource, name, { why, causes: [cause] })
}

/** Throws 403 for the namespaces that everything relies on (E-21). */
export function checkDeletable(resource: Resource, name: string): void {
  if (resource === namespaces && undeletable.includes(name)) {
    throw forbidden(resource, name, { why: 'this namespace may not be deleted' })
  }
}
