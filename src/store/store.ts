/**
 * One version of one key. `object` is frozen and is what `bytes` decode to; both live as long as
 * the entry.
 */
export interface Entry {
  readonly key: string
  /** The store's revision at which this version was written. */
  readonly revision: number
  readonly createRevision: number
  /** The JSON text in UTF-8, serialised once, as lists and watches send it. */
  readonly bytes: Uint8Array
  readonly object: unknown
}

/** What a write stores: made inside the write, when its revision is known. */
export interface Value {
  readonly bytes: Uint8Array
  readonly object: unknown
}

export interface ListPage {
  readonly entries: readonly Entry[]
  /** The revision the page shows; ask for the next page at this one. */
  readonly revision: number
  /** Keys after this page, all pages together. */
  readonly remaining: number
}

export interface StoreEvent {
  readonly type: 'put' | 'delete'
  readonly revision: number
  readonly key: string
  /**
   * The new version; for a delete, the last one as `delete`'s `make` formed it, with the revision
   * of the deletion.
   */
  readonly entry: Entry
  readonly previous: Entry | undefined
}

export interface StoreWatch {
  stop(): void
}

export interface StoreWatchSink {
  /**
   * All events of one range of revisions that match the prefix, in order, after they are durable.
   * Never re-entrant into the caller's own `put`, `delete` or `watch`. A sink that throws is a bug:
   * the exception is left uncaught.
   */
  events(events: readonly StoreEvent[]): void
  /** The watch cannot go on: the store is closed. Not called after `stop`. */
  end(error: Error): void
}

/**
 * The condition of a write failed: `actual` is the key's newest version (undefined = the key does
 * not exist).
 */
export class RevisionMismatch extends Error {
  override readonly name = 'RevisionMismatch'
  readonly key: string
  readonly actual: Entry | undefined

  constructor(key: string, actual: Entry | undefined) {
    super(`key ${key} is at revision ${actual?.revision ?? 0}`)
    this.key = key
    this.actual = actual
  }
}

/** The asked revision is below the compaction mark, or above the newest revision. */
export class RevisionUnavailable extends Error {
  override readonly name = 'RevisionUnavailable'
  readonly asked: number
  readonly why: 'compacted' | 'future'
  readonly current: number

  constructor(asked: number, why: 'compacted' | 'future', current: number) {
    const text = why === 'compacted' ? 'compacted' : 'in the future'
    super(`revision ${asked} is ${text}; current is ${current}`)
    this.asked = asked
    this.why = why
    this.current = current
  }
}

/**
 * The group that this write went out with could not be made durable (`cause` says why: disk full,
 * I/O error), or the write stood on one of that group. Nothing of it is visible, and the next group
 * that commits removes what it may have left on disk.
 */
export class CommitFailed extends Error {
  override readonly name = 'CommitFailed'
  readonly key: string

  constructor(key: string, cause: unknown) {
    super(`key ${key} could not be written: ${reasonOf(cause)}`, { cause })
    this.key = key
  }
}

/** The innermost cause: the outer ones only say what was tried. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause.cause === undefined ? cause.message : reasonOf(cause.cause)
}

/** The store has been closed: no more writes and watches. */
export class StoreClosed extends Error {
  override readonly name = 'StoreClosed'

  constructor() {
    super('the store is closed')
  }
}

/**
 * MVCC: what happened, in which order. Knows keys and bytes, no kinds.
 *
 * Invariants. Every successful write gets the next revision, one for all keys. A write is answered,
 * and readers and watchers see it, only after it is durable (commits are grouped); reads never see
 * a write that a crash could undo. Watchers get every event once, in order of revision. A failed
 * write (condition, disk) leaves no trace but may leave a gap in the revisions. Reads are
 * synchronous: from memory. Keys are ordered as JavaScript compares strings, which for ASCII is the
 * order of their bytes.
 */
export interface Store {
  /** The newest durable revision; 0 before the first write. */
  readonly revision: number
  /** At `revision` (default: newest). Throws RevisionUnavailable. */
  get(key: string, revision?: number): Entry | undefined
  /**
   * Keys that start with `prefix`, in order, after `startAfter`, at most `limit` (default: all); at
   * `revision` (default: newest). Throws RevisionUnavailable.
   */
  list(
    prefix: string,
    options?: { readonly revision?: number; readonly limit?: number; readonly startAfter?: string },
  ): ListPage
  /**
   * Writes when the key's newest revision, durable or on its way, is `expected` (0 = must not
   * exist). `make` forms the value before `put` returns; what it throws, the write rejects with.
   * Rejects with RevisionMismatch (once the version that it names is durable), CommitFailed or
   * StoreClosed.
   */
  put(key: string, expected: number, make: (revision: number) => Value): Promise<Entry>
  /**
   * Deletes under the same condition; `make` forms the last version that watchers are shown.
   * Resolves with that. A key that does not exist cannot be deleted: RevisionMismatch, whatever is
   * expected.
   */
  delete(
    key: string,
    expected: number,
    make: (revision: number, last: Entry) => Value,
  ): Promise<Entry>
  /**
   * Events after `revision`, first those that already happened. Throws RevisionUnavailable when
   * they are compacted, or when `revision` is above the newest; StoreClosed.
   */
  watch(prefix: string, revision: number, sink: StoreWatchSink): StoreWatch
  /**
   * Forgets versions superseded at or before `revision`, and those events; current versions stay,
   * and `revision` itself can still be read and watched from. At or below an earlier mark it does
   * nothing. Rejects with RevisionUnavailable above the newest revision.
   */
  compact(revision: number): Promise<void>
  /** Waits for writes on their way, ends watches, frees the files. Reads go on from memory. */
  close(): Promise<void>
}
