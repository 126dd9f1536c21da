import type { KubeObject, ObjectKey } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'

/** Reads from an informer's cache: frozen objects, maybe a moment old, never partial. */
export interface Lister<T extends KubeObject> {
  get(key: ObjectKey): T | undefined
  /** All, or those of one namespace. */
  list(namespace?: string): readonly T[]
  /** Those for which the index function named `index` returned `value`. */
  byIndex(index: string, value: string): readonly T[]
}

/** The values under which an object is found in one index. */
export type IndexFunction<T extends KubeObject> = (object: T) => readonly string[]

export interface InformerHandler<T extends KubeObject> {
  added?(object: T): void
  updated?(object: T, previous: T): void
  /** The last state known. */
  deleted?(object: T): void
}

/**
 * list + watch kept as a cache with handlers. One per resource and process, shared by controllers.
 */
export interface Informer<T extends KubeObject> {
  readonly resource: Resource<T>
  readonly lister: Lister<T>
  /** Before `start`, or any time after: existing objects are replayed as added. */
  addHandler(handler: InformerHandler<T>): void
  /**
   * Adding the same function under the same name again does nothing; another one is a bug. An
   * index that is added late is built from the cache.
   */
  addIndex(name: string, index: IndexFunction<T>): void
  /** True once the first list is in the cache and its handlers have run. */
  readonly hasSynced: boolean
}

/** Hands out one shared informer per resource. */
export interface Informers {
  for<T extends KubeObject>(resource: Resource<T>): Informer<T>
  /**
   * Starts all that were handed out (later ones start at once) and resolves when they have synced.
   */
  start(): Promise<void>
  stop(): Promise<void>
}
