import type { DeleteOptions } from '../api/generated/types.ts'
import type { JsonValue } from '../api/json.ts'
import type { KubeObject, ObjectKey } from '../api/object.ts'
import type { Resource } from '../api/resource.ts'
import type {
  Collection,
  ListOptions,
  Subresource,
  WatchOptions,
  WriteOptions,
} from '../api/transport.ts'
import type { Identity } from './auth/identity.ts'

/** Who asks, and through what: admission, managedFields and the audit log need it. */
export interface Caller extends Identity {
  readonly userAgent: string
}

/** An object with the bytes that were made once at its revision. */
export interface Encoded {
  readonly object: KubeObject
  /** The JSON text in UTF-8. */
  readonly bytes: Uint8Array
}

export interface Written extends Encoded {
  /** 200, or 201 for a creation. */
  readonly code: number
  /** Texts for `Warning:` headers (H-21). */
  readonly warnings: readonly string[]
}

export interface EncodedList {
  readonly resourceVersion: string
  readonly items: readonly Encoded[]
  readonly continue?: string
  readonly remainingItemCount?: number
}

/**
 * A request body as it came: text for strict decoding (duplicate fields), or an object from inside
 * the process.
 */
export type Body =
  | { readonly text: string; readonly contentType: string }
  | { readonly object: KubeObject }

/** The type is the media type; the body is parsed JSON. */
export interface RawPatch {
  readonly type: string
  readonly body: JsonValue
}

export type EncodedWatchEvent =
  | ({ readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' } & Encoded)
  | {
      readonly type: 'BOOKMARK'
      readonly resourceVersion: string
      readonly initialEventsEnd: boolean
    }

export interface EncodedWatchSink {
  event(event: EncodedWatchEvent): void
  end(error?: Error): void
}

/**
 * The seam inside the API server: the wire (HTTP, negotiation, tables) and the in-process
 * Transport are two thin faces over it.
 * The same contract as `Transport`, with the caller, the bytes and the warnings added.
 */
export interface Operations {
  get(
    caller: Caller,
    resource: Resource,
    key: ObjectKey,
    subresource?: Subresource,
  ): Promise<Encoded>
  list(
    caller: Caller,
    resource: Resource,
    where: Collection,
    options: ListOptions,
  ): Promise<EncodedList>
  create(
    caller: Caller,
    resource: Resource,
    where: Collection & { readonly name?: string },
    body: Body,
    options: WriteOptions,
  ): Promise<Written>
  update(
    caller: Caller,
    resource: Resource,
    key: ObjectKey,
    body: Body,
    options: WriteOptions,
  ): Promise<Written>
  patch(
    caller: Caller,
    resource: Resource,
    key: ObjectKey,
    patch: RawPatch,
    options: WriteOptions,
  ): Promise<Written>
  /** The object while it lingers, else a Status. */
  delete(
    caller: Caller,
    resource: Resource,
    key: ObjectKey,
    options: Partial<DeleteOptions>,
  ): Promise<Encoded & { readonly lingers: boolean }>
  deleteCollection(
    caller: Caller,
    resource: Resource,
    where: Collection,
    options: Partial<DeleteOptions> & ListOptions,
  ): Promise<EncodedList>
  watch(
    caller: Caller,
    resource: Resource,
    where: Collection,
    options: WatchOptions,
    sink: EncodedWatchSink,
  ): { stop(): void }
}
