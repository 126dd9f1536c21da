import { assert } from '../base/assert.ts'
import type { Mvcc } from './mvcc.ts'
import type { Commit, Persistence, StoredEntry } from './persistence.ts'
import {
  CommitFailed,
  type Entry,
  RevisionMismatch,
  StoreClosed,
  type StoreEvent,
  type Value,
} from './store.ts'

/** A write on its way: it has its revision, but is not durable yet. */
interface StagedWrite {
  readonly event: StoreEvent
  readonly durable: Promise<void>
  readonly succeed: () => void
  readonly fail: (error: CommitFailed) => void
}

export interface WriteRequest {
  readonly type: 'put' | 'delete'
  readonly key: string
  readonly expected: number
  /** `last` is the version that the write supersedes; for a delete there always is one. */
  readonly make: (revision: number, last: Entry | undefined) => Value
}

function stage(event: StoreEvent): StagedWrite {
  let succeed = () => {}
  let fail: StagedWrite['fail'] = () => {}
  const durable = new Promise<void>((resolve, reject) => {
    succeed = resolve
    fail = reject
  })
  return { event, durable, succeed, fail }
}

/** The version that a key has after this event; undefined when it was a deletion. */
function currentAfter(event: StoreEvent): Entry | undefined {
  return event.type === 'put' ? event.entry : undefined
}

/**
 * Gives writes their order and makes them durable in groups: what arrives while a commit is under
 * way goes out with the next. A write is checked against the newest staged version of its key, and
 * answered when its own group has been committed.
 */
export class GroupCommit {
  readonly #persistence: Persistence
  readonly #history: Mvcc
  readonly #published: () => void
  /** The newest revision handed out. */
  #revision: number
  #waiting: StagedWrite[] = []
  /** By key, the newest write that is not durable yet. */
  readonly #staged = new Map<string, StagedWrite>()
  /**
   * Keys of failed commits: nobody knows what the disk has of them until a later commit has
   * restored them.
   */
  readonly #doubtful = new Set<string>()
  #isMaking = false
  #isClosed = false
  #running: Promise<void> | undefined

  /** `published` is called each time a group has become visible in `history`. */
  constructor(persistence: Persistence, history: Mvcc, published: () => void) {
    this.#persistence = persistence
    this.#history = history
    this.#published = published
    this.#revision = history.revision
  }

  async write(request: WriteRequest): Promise<Entry> {
    if (this.#isClosed) throw new StoreClosed()
    const { type, key, expected } = request
    const standsOn = this.#staged.get(key)
    const last = standsOn ? currentAfter(standsOn.event) : this.#history.get(key)
    if ((last?.revision ?? 0) !== expected || (type === 'delete' && !last)) {
      // The refusal names a version; nobody may learn of one that a crash could undo.
      await standsOn?.durable
      throw new RevisionMismatch(key, last)
    }
    const entry = this.#form(request, last)
    const write = stage({ type, revision: entry.revision, key, entry, previous: last })
    this.#staged.set(key, write)
    this.#waiting.push(write)
    this.#running ??= this.#run()
    await write.durable
    return entry
  }

  /** Waits for what is on its way; later writes are refused. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running
    if (this.#doubtful.size > 0) await this.#persistence.commit(this.#commitOf([]))
  }

  #form({ key, make }: WriteRequest, last: Entry | undefined): Entry {
    assert(!this.#isMaking, 'a value is made while another one is: `make` must not write')
    this.#isMaking = true
    try {
      const revision = this.#revision + 1
      const { bytes, object } = make(revision, last)
      this.#revision = revision
      const createRevision = last?.createRevision ?? revision
      return Object.freeze({ key, revision, createRevision, bytes, object })
    } finally {
      this.#isMaking = false
    }
  }

  async #run(): Promise<void> {
    // Writers that are woken together write together: let them join the first group.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      const failure = await this.#persistence.commit(this.#commitOf(group)).then(
        () => undefined,
        (cause: unknown) => ({ cause }),
      )
      if (failure) this.#abandon(group, failure.cause)
      else this.#publish(group)
    }
    this.#running = undefined
  }

  #publish(group: readonly StagedWrite[]): void {
    this.#doubtful.clear()
    for (const write of group) {
      const { key } = write.event
      if (this.#staged.get(key) === write) this.#staged.delete(key)
    }
    this.#history.apply(group.map((write) => write.event))
    this.#published()
    for (const write of group) write.succeed()
  }

  /** Rejects the group and all that stands on it. */
  #abandon(group: readonly StagedWrite[], cause: unknown): void {
    for (const write of group) this.#doubtful.add(write.event.key)
    const lost = new Set(group.map((write) => write.event.key))
    const standing = this.#waiting.filter((write) => lost.has(write.event.key))
    this.#waiting = this.#waiting.filter((write) => !lost.has(write.event.key))
    for (const key of lost) this.#staged.delete(key)
    for (const write of [...group, ...standing]) {
      write.fail(new CommitFailed(write.event.key, cause))
    }
  }

  #commitOf(group: readonly StagedWrite[]): Commit {
    const changes = new Map<string, StoredEntry | undefined>()
    for (const key of this.#doubtful) changes.set(key, this.#history.get(key))
    for (const { event } of group) changes.set(event.key, currentAfter(event))
    return { revision: group.at(-1)?.event.revision ?? this.#revision, changes }
  }
}
