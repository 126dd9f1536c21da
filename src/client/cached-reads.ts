import { type LabelMatcher, parseLabelSelector } from '../api/labels.ts'
import type { KubeObject } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { notFound } from '../api/status-error.ts'
import type { Collection, ListOptions, Transport } from '../api/transport.ts'
import type { Informers } from './lister.ts'
import { LruMap } from './lru-map.ts'

/**
 * Texts of selectors are made of the names of what is looked for: the same come again and again.
 */
const selectorsMax = 256

/**
 * A transport that answers what is asked of `resources` from informers' caches: maybe a moment old,
 * and without a request. Everything else goes on to `inner`: writes, other resources, subresources,
 * and lists by field or page. The informers must have synced before anything is asked.
 */
export function withCachedReads(
  inner: Transport,
  informers: Informers,
  resources: readonly Resource[],
): Transport {
  const cached = new Set<Resource>(resources)
  const selectors = new LruMap<LabelMatcher>(selectorsMax)
  const matcherOf = (text: string) => {
    const matcher = selectors.get(text) ?? parseLabelSelector(text)
    selectors.set(text, matcher)
    return matcher
  }
  for (const resource of cached) informers.for(resource)

  const get: Transport['get'] = async (resource, key, subresource) => {
    if (subresource || !cached.has(resource)) return inner.get(resource, key, subresource)
    const found = informers.for(resource).lister.get(key)
    if (!found) throw notFound(resource, key.name)
    return found
  }
  const list = async <T extends KubeObject>(
    resource: Resource<T>,
    where: Collection,
    options: ListOptions = {},
  ) => {
    const { labelSelector = '', ...others } = options
    const isPlain = Object.keys(others).length === 0
    if (!isPlain || !cached.has(resource)) return inner.list(resource, where, options)
    const all = informers.for(resource).lister.list(where.namespace)
    const labels = matcherOf(labelSelector)
    const items = all.filter(({ metadata }) => labels.matches(metadata.labels))
    return { resourceVersion: '0', items }
  }
  return {
    get,
    list,
    create: (...asked) => inner.create(...asked),
    update: (...asked) => inner.update(...asked),
    patch: (...asked) => inner.patch(...asked),
    delete: (...asked) => inner.delete(...asked),
    deleteCollection: (...asked) => inner.deleteCollection(...asked),
    watch: (...asked) => inner.watch(...asked),
  }
}
