import { compileFieldSelector } from '../api/field-selector.ts'
import { parseLabelSelector } from '../api/labels.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import type { Collection } from '../api/transport.ts'
import type { Entry } from '../store/store.ts'
import { collectionPrefix, storeKey } from './store-keys.ts'

/** Which objects of a collection a request wants. */
export interface Selection {
  /** What the store's keys start with; one whole key when the selectors leave only one name. */
  readonly scope: string
  /** Whether there is something to match besides the scope. */
  readonly isFiltered: boolean
  /** Whether an entry of the scope is wanted. */
  includes(entry: Entry): boolean
}

interface Selectors {
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

/** Throws 400 for a selector that cannot be understood (H-10, H-11). */
export function select(resource: Resource, where: Collection, selectors: Selectors): Selection {
  const labels = parseLabelSelector(selectors.labelSelector ?? '')
  const fields = compileFieldSelector(resource, selectors.fieldSelector ?? '')
  const name = fields.exactValue('metadata.name')
  const { namespace } = where
  const isOneKey = name !== undefined && (Boolean(namespace) || !resource.namespaced)
  const scope = isOneKey
    ? storeKey(resource, { namespace, name })
    : collectionPrefix(resource, where)
  const isFiltered = !labels.isEmpty || !fields.isEmpty
  const matches = (object: KubeObject) =>
    labels.matches(object.metadata.labels) && fields.matches(object)
  return {
    scope,
    isFiltered,
    includes: ({ key, object }) =>
      !isFiltered || ((!isOneKey || key === scope) && matches(object as KubeObject)),
  }
}
