import type { Status } from '../api/generated/types.ts'
import type { KubeObject } from '../api/object.ts'
import type { Transport, WatchEvent, WatchSink } from '../api/transport.ts'
import type { Caller, EncodedWatchEvent, Operations } from './operations.ts'

/**
 * The API at the level of frozen objects, without a wire in between: for what runs in the server's
 * own process.
 */
export function transportFor(operations: Operations, caller: Caller): Transport {
  return {
    async get<T extends KubeObject>(...[resource, key, subresource]: Parameters<Transport['get']>) {
      return (await operations.get(caller, resource, key, subresource)).object as T
    },
    async list<T extends KubeObject>(...[resource, where, options]: Parameters<Transport['list']>) {
      const list = await operations.list(caller, resource, where, options ?? {})
      return { ...list, items: list.items.map(({ object }) => object as T) }
    },
    async create<T extends KubeObject>(
      ...[resource, where, object, options]: Parameters<Transport['create']>
    ) {
      return (await operations.create(caller, resource, where, { object }, options ?? {}))
        .object as T
    },
    async update<T extends KubeObject>(
      ...[resource, key, object, options]: Parameters<Transport['update']>
    ) {
      return (await operations.update(caller, resource, key, { object }, options ?? {})).object as T
    },
    async patch<T extends KubeObject>(
      ...[resource, key, patch, options]: Parameters<Transport['patch']>
    ) {
      return (await operations.patch(caller, resource, key, patch, options ?? {})).object as T
    },
    async delete<T extends KubeObject>(
      ...[resource, key, options]: Parameters<Transport['delete']>
    ) {
      return (await operations.delete(caller, resource, key, options ?? {})).object as
        | T
        | (T & Status)
    },
    async deleteCollection(resource, where, options) {
      await operations.deleteCollection(caller, resource, where, options ?? {})
    },
    watch(resource, where, options, sink) {
      return operations.watch(caller, resource, where, options, {
        event: (event) => (sink as WatchSink).event(plain(event)),
        end: (error) => sink.end(error),
      })
    },
  }
}

function plain(event: EncodedWatchEvent): WatchEvent {
  return event.type === 'BOOKMARK' ? event : { type: event.type, object: event.object }
}
