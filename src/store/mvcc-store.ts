import { GroupCommit } from './group-commit.ts'
import { Mvcc } from './mvcc.ts'
import type { Loaded, Persistence, StoredEntry } from './persistence.ts'
import {
  type Entry,
  type ListPage,
  type Store,
  StoreClosed,
  type StoreWatch,
  type StoreWatchSink,
  type Value,
} from './store.ts'
import { Watches } from './watches.ts'

/** What entry bytes mean; the object must come back frozen to its leaves. */
export type Decode = (bytes: Uint8Array) => unknown

/** Most entries of a large store are never looked at: `object` is decoded when first asked for. */
function entryFrom(stored: StoredEntry, decode: Decode): Entry {
  const { key, revision, createRevision, bytes } = stored
  let decoded: unknown
  return Object.freeze({
    key,
    revision,
    createRevision,
    bytes,
    get object() {
      decoded ??= decode(bytes)
      return decoded
    },
  })
}

/** The one implementation of Store: versions in memory, durability from a Persistence. */
export class MvccStore implements Store {
  readonly #persistence: Persistence
  readonly #history: Mvcc
  readonly #watches: Watches
  readonly #commits: GroupCommit
  #closing: Promise<void> | undefined

  constructor(persistence: Persistence, loaded: Loaded, decode: Decode) {
    this.#persistence = persistence
    const entries = loaded.entries.map((stored) => entryFrom(stored, decode))
    this.#history = new Mvcc(loaded.revision, entries)
    this.#watches = new Watches(this.#history)
    this.#commits = new GroupCommit(persistence, this.#history, () => this.#watches.deliver())
  }

  get revision(): number {
    return this.#history.revision
  }

  get(key: string, revision?: number): Entry | undefined {
    return this.#history.get(key, revision)
  }

  list(prefix: string, options?: Parameters<Store['list']>[1]): ListPage {
    return this.#history.list(prefix, options)
  }

  put(key: string, expected: number, make: (revision: number) => Value): Promise<Entry> {
    return this.#commits.write({ type: 'put', key, expected, make })
  }

  delete(
    key: string,
    expected: number,
    make: (revision: number, last: Entry) => Value,
  ): Promise<Entry> {
    const makeLast = (revision: number, last: Entry | undefined) => make(revision, last as Entry)
    return this.#commits.write({ type: 'delete', key, expected, make: makeLast })
  }

  watch(prefix: string, revision: number, sink: StoreWatchSink): StoreWatch {
    if (this.#closing) throw new StoreClosed()
    return this.#watches.open(prefix, revision, sink)
  }

  async compact(revision: number): Promise<void> {
    // A watch that was opened just now has yet to be given events that are about to go.
    this.#watches.deliver()
    this.#history.compact(revision)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    try {
      await this.#commits.close()
    } finally {
      this.#watches.endAll(new StoreClosed())
      await this.#persistence.close()
    }
  }
}
