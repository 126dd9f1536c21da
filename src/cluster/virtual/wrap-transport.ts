import type { KubeObject, ObjectKey } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import type { Subresource, Transport, WatchHandle, WatchSink } from '../../api/transport.ts'

export interface ApiRequest {
  readonly verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'deleteCollection'
  readonly resource: Resource
  /** `name` is empty for a collection, and where the server makes it. */
  readonly key: ObjectKey
  readonly subresource?: Subresource | undefined
  /** What is to be created, or to take an object's place. */
  readonly object?: KubeObject
}

export function isWrite({ verb }: ApiRequest): boolean {
  return verb !== 'get' && verb !== 'list'
}

export interface TransportWrapping {
  /** Instead of each request; `send` sends it, once each time it is called. */
  request<T>(request: ApiRequest, send: () => Promise<T>): Promise<T>
  /** Instead of each watch; `open` begins one. */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    sink: WatchSink<T>,
    open: (sink: WatchSink<T>) => WatchHandle,
  ): WatchHandle
}

/** A transport with something between it and its callers. */
export function wrapTransport(inner: Transport, { request, watch }: TransportWrapping): Transport {
  const nameless = (where: {
    readonly namespace?: string | undefined
    readonly name?: string
  }) => ({
    namespace: where.namespace,
    name: where.name ?? '',
  })
  return {
    get: (resource, key, subresource) =>
      request({ verb: 'get', resource, key, subresource }, () =>
        inner.get(resource, key, subresource),
      ),
    list: (resource, where, options) =>
      request({ verb: 'list', resource, key: nameless(where) }, () =>
        inner.list(resource, where, options),
      ),
    create: (resource, where, object, options) => {
      const { name = '' } = { ...object.metadata, ...where }
      const key = { namespace: where.namespace, name }
      const { subresource } = options ?? {}
      return request({ verb: 'create', resource, key, subresource, object }, () =>
        inner.create(resource, where, object, options),
      )
    },
    update: (resource, key, object, options) =>
      request({ verb: 'update', resource, key, subresource: options?.subresource, object }, () =>
        inner.update(resource, key, object, options),
      ),
    patch: (resource, key, patch, options) =>
      request({ verb: 'patch', resource, key, subresource: options?.subresource }, () =>
        inner.patch(resource, key, patch, options),
      ),
    delete: (resource, key, options) =>
      request({ verb: 'delete', resource, key }, () => inner.delete(resource, key, options)),
    deleteCollection: (resource, where, options) =>
      request({ verb: 'deleteCollection', resource, key: nameless(where) }, () =>
        inner.deleteCollection(resource, where, options),
      ),
    watch: (resource, where, options, sink) =>
      watch(resource, sink, (through) => inner.watch(resource, where, options, through)),
  }
}
