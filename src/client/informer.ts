import { type KubeObject, keyOf, keyText } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import { Cache } from './cache.ts'
import type { IndexFunction, Informer, InformerHandler, Lister } from './lister.ts'
import type { ReflectorSink } from './reflector.ts'

interface Change<T> {
  readonly previous: T | undefined
  readonly next: T | undefined
}

/**
 * A cache with handlers, fed by a reflector. All of a list or event is in the cache and its indexes
 * before the first handler hears of it; handlers are called synchronously, change by change, in the
 * order they were added.
 */
export class CachedInformer<T extends KubeObject> implements Informer<T>, ReflectorSink<T> {
  readonly resource: Resource<T>
  readonly synced: Promise<void>
  readonly #cache = new Cache<T>()
  #handlers: readonly InformerHandler<T>[] = []
  #hasSynced = false
  #resolveSynced: () => void = () => {}

  constructor(resource: Resource<T>) {
    this.resource = resource
    this.synced = new Promise((resolve) => {
      this.#resolveSynced = resolve
    })
  }

  get lister(): Lister<T> {
    return this.#cache
  }

  get hasSynced(): boolean {
    return this.#hasSynced
  }

  addHandler(handler: InformerHandler<T>): void {
    // A new array, so that a handler added by a handler does not hear the change under way twice.
    this.#handlers = [...this.#handlers, handler]
    for (const object of this.#cache.list()) notify(handler, { previous: undefined, next: object })
  }

  addIndex(name: string, index: IndexFunction<T>): void {
    this.#cache.addIndex(name, index)
  }

  replaced(items: readonly T[]): void {
    const next = new Map(items.map((item) => [keyText(keyOf(item)), item]))
    const gone = this.#cache.keys().filter((key) => !next.has(key))
    this.#dispatch([
      ...gone.map((key) => ({ previous: this.#cache.replace(key, undefined), next: undefined })),
      ...[...next].map(([key, item]) => ({ previous: this.#cache.replace(key, item), next: item })),
    ])
    this.#hasSynced = true
    this.#resolveSynced()
  }

  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void {
    const isDeleted = type === 'DELETED'
    const previous = this.#cache.replace(keyText(keyOf(object)), isDeleted ? undefined : object)
    if (!isDeleted) this.#dispatch([{ previous, next: object }])
    else if (previous) this.#dispatch([{ previous: object, next: undefined }])
  }

  #dispatch(changes: readonly Change<T>[]): void {
    const handlers = this.#handlers
    for (const change of changes) {
      for (const handler of handlers) notify(handler, change)
    }
  }
}

/** Two objects that had the same name one after the other are a deletion and an addition. */
function notify<T extends KubeObject>(handler: InformerHandler<T>, { previous, next }: Change<T>) {
  try {
    if (previous && next && previous.metadata.uid === next.metadata.uid) {
      const isSame = previous.metadata.resourceVersion === next.metadata.resourceVersion
      if (!isSame) handler.updated?.(next, previous)
      return
    }
    if (previous) handler.deleted?.(previous)
    if (next) handler.added?.(next)
  } catch (error) {
    // A handler that throws is a bug: it ends the process, but not the dispatch that others take
    // part in.
    queueMicrotask(() => {
      throw error
    })
  }
}
