import { SortedList } from './sorted-list.ts'
import { type Entry, type ListPage, RevisionUnavailable, type StoreEvent } from './store.ts'

/** One key through time: versions in order of revision, the newest last. */
interface Chain {
  readonly key: string
  versions: Version[]
}

interface Version {
  readonly revision: number
  /** Undefined from a deletion until the key is created again. */
  readonly entry: Entry | undefined
}

function versionAt(chain: Chain, revision: number): Entry | undefined {
  return chain.versions.findLast((version) => version.revision <= revision)?.entry
}

/** The first index whose event came after `revision`. */
function indexAfter(events: readonly StoreEvent[], revision: number): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((events[middle] as StoreEvent).revision <= revision) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Every version of every key since the compaction mark, and the log of events that made them. Holds
 * what is durable only: writes arrive here after their commit.
 */
export class Mvcc {
  readonly #keys = new SortedList<Chain>()
  #events: StoreEvent[] = []
  #revision: number
  /** The oldest revision that can be read; events after it are in the log. */
  #mark: number

  /** Starts from the newest versions alone: what came before `revision` counts as compacted. */
  constructor(revision: number, entries: Iterable<Entry>) {
    this.#revision = revision
    this.#mark = revision
    for (const entry of entries) {
      this.#keys.add({ key: entry.key, versions: [{ revision: entry.revision, entry }] })
    }
  }

  get revision(): number {
    return this.#revision
  }

  get(key: string, revision = this.#revision): Entry | undefined {
    this.check(revision)
    const chain = this.#keys.get(key)
    return chain && versionAt(chain, revision)
  }

  list(
    prefix: string,
    {
      revision = this.#revision,
      limit = Number.POSITIVE_INFINITY,
      startAfter,
    }: { readonly revision?: number; readonly limit?: number; readonly startAfter?: string } = {},
  ): ListPage {
    this.check(revision)
    const entries: Entry[] = []
    let remaining = 0
    const start = startAfter === undefined || startAfter < prefix ? prefix : startAfter
    for (const chain of this.#keys.from(start)) {
      if (!chain.key.startsWith(prefix)) break
      const entry = chain.key === startAfter ? undefined : versionAt(chain, revision)
      if (!entry) continue
      if (entries.length < limit) entries.push(entry)
      else remaining += 1
    }
    return { entries, revision, remaining }
  }

  /** The events after `revision`, oldest first. */
  eventsAfter(revision: number): readonly StoreEvent[] {
    return this.#events.slice(indexAfter(this.#events, revision))
  }

  /** Takes in what has become durable: events newer than all before, in order. */
  apply(events: readonly StoreEvent[]): void {
    for (const event of events) {
      const { key, revision } = event
      const version = { revision, entry: event.type === 'put' ? event.entry : undefined }
      const chain = this.#keys.get(key)
      if (chain) chain.versions.push(version)
      else this.#keys.add({ key, versions: [version] })
      this.#events.push(event)
      this.#revision = revision
    }
  }

  /** See `Store.compact`. */
  compact(revision: number): void {
    if (revision <= this.#mark) return
    this.check(revision)
    this.#mark = revision
    // Only a key with an event up to the mark can have a version superseded up to the mark.
    for (const event of this.#events.splice(0, indexAfter(this.#events, revision))) {
      this.#prune(event.key)
    }
  }

  /** Throws RevisionUnavailable unless `revision` can be read, and watched from. */
  check(revision: number): void {
    if (revision < this.#mark) throw new RevisionUnavailable(revision, 'compacted', this.#revision)
    if (revision > this.#revision) {
      throw new RevisionUnavailable(revision, 'future', this.#revision)
    }
  }

  /** Drops the versions that no readable revision shows. */
  #prune(key: string): void {
    const chain = this.#keys.get(key)
    if (!chain) return
    const shown = chain.versions.findLastIndex((version) => version.revision <= this.#mark)
    const isGone = shown >= 0 && chain.versions[shown]?.entry === undefined
    chain.versions = chain.versions.slice(isGone ? shown + 1 : Math.max(shown, 0))
    if (chain.versions.length === 0) this.#keys.remove(key)
  }
}
