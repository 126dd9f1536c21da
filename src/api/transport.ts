import type { DeleteOptions, Status } from './generated/types.ts'
import type { JsonObject, JsonValue } from './json.ts'
import type { KubeObject, ObjectKey } from './object.ts'
import type { Resource } from './resource.ts'

export type Subresource = 'status' | 'scale' | 'binding' | 'finalize' | 'eviction' | 'token'

export interface WriteOptions {
  readonly subresource?: Subresource
  /** Runs everything but the write itself (H-19). */
  readonly dryRun?: boolean
  /** Who writes, for managedFields; defaults to the client's user agent, but not for an apply. */
  readonly fieldManager?: string
  /** Server-side apply only: takes over fields that others own, instead of a conflict (H-15). */
  readonly force?: boolean
  /** Default over HTTP is Warn (H-20). */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
}

export interface ListOptions {
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan'
}

export interface WatchOptions {
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Events strictly after this one; absent or '0': existing objects first, as ADDED (H-08). */
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: 'NotOlderThan'
  readonly allowWatchBookmarks?: boolean
  readonly sendInitialEvents?: boolean
  readonly timeoutSeconds?: number
}

export interface ListResult<T extends KubeObject = KubeObject> {
  readonly resourceVersion: string
  readonly items: readonly T[]
  readonly continue?: string
  readonly remainingItemCount?: number
}

export type Patch =
  | { readonly type: 'application/json-patch+json'; readonly body: readonly JsonValue[] }
  | { readonly type: 'application/merge-patch+json'; readonly body: JsonValue }
  | { readonly type: 'application/strategic-merge-patch+json'; readonly body: JsonValue }
  /** Server-side apply: the config, with apiVersion and kind. Creates what is not there (H-15). */
  | { readonly type: 'application/apply-patch+yaml'; readonly body: JsonObject }

export type WatchEvent<T extends KubeObject = KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | {
      readonly type: 'BOOKMARK'
      readonly resourceVersion: string
      readonly initialEventsEnd: boolean
    }

export interface WatchSink<T extends KubeObject = KubeObject> {
  event(event: WatchEvent<T>): void
  /**
   * The watch is over: by the server's time limit (no error), by a fault, or 410 Expired. Called
   * at most once, never after `stop`.
   */
  end(error?: Error): void
}

export interface WatchHandle {
  stop(): void
}

/**
 * Where a namespaced collection lies; leave it out for all namespaces, and for cluster-scoped
 * resources.
 */
export interface Collection {
  readonly namespace?: string | undefined
}

/**
 * The API's verbs at the level of objects: the only way in which anything above the API server
 * reads or writes.
 * Implemented by the API server itself (in process, frozen objects, no serialising) and by the
 * HTTP client; one contract
 * suite holds both. Every implementation runs defaulting, validation, admission and managedFields.
 * What a caller passes in is
 * never aliased nor changed; what it gets is frozen. Every method rejects with a `StatusError` for
 * what the API refuses.
 */
export interface Transport {
  get<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    subresource?: Subresource,
  ): Promise<T>
  list<T extends KubeObject>(
    resource: Resource<T>,
    where: Collection,
    options?: ListOptions,
  ): Promise<ListResult<T>>
  /**
   * `metadata.name` may be absent when `generateName` is set. `key.name` is used by subresources
   * only (binding, eviction, token).
   */
  create<T extends KubeObject>(
    resource: Resource<T>,
    where: Collection & { readonly name?: string },
    object: NoInfer<T> | KubeObject,
    options?: WriteOptions,
  ): Promise<T>
  /** Conditional when `object.metadata.resourceVersion` is set. */
  update<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    object: NoInfer<T> | KubeObject,
    options?: WriteOptions,
  ): Promise<T>
  patch<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Patch,
    options?: WriteOptions,
  ): Promise<T>
  /** The object while it lingers (finalizers, grace period), else a Status (E-07). */
  delete<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options?: Partial<DeleteOptions>,
  ): Promise<T | Status>
  deleteCollection(
    resource: Resource,
    where: Collection,
    options?: Partial<DeleteOptions> & Pick<ListOptions, 'labelSelector' | 'fieldSelector'>,
  ): Promise<void>
  /** Starts at once; a refusal comes through `sink.end`. */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    where: Collection,
    options: WatchOptions,
    sink: WatchSink<T>,
  ): WatchHandle
}
