import { ClassicLevel } from 'classic-level'
import type { Commit, Loaded, Persistence, StoredEntry } from './persistence.ts'

/** First letters of the database's keys: one record with the revision, and the entries. */
const revisionKey = 'r'
const entryPrefix = 'e'
const afterEntries = 'f'

/** revision and createRevision as float64 (exact up to 2^53), before the entry's bytes. */
const headerBytes = 16

const loadBatch = { items: 1000, bytes: 4 * 1024 * 1024 }

function encode({ revision, createRevision, bytes }: StoredEntry): Buffer {
  const value = Buffer.allocUnsafe(headerBytes + bytes.length)
  value.writeDoubleBE(revision, 0)
  value.writeDoubleBE(createRevision, 8)
  value.set(bytes, headerBytes)
  return value
}

function decode(key: string, value: Buffer): StoredEntry {
  return {
    key,
    revision: value.readDoubleBE(0),
    createRevision: value.readDoubleBE(8),
    bytes: value.subarray(headerBytes),
  }
}

/** LevelDB in one directory, which it locks against other processes. */
export class LevelPersistence implements Persistence {
  readonly #database: ClassicLevel<string, Buffer>
  #mustReopen = false

  constructor(directory: string) {
    this.#database = new ClassicLevel<string, Buffer>(directory, { valueEncoding: 'buffer' })
  }

  /**
   * Rejects with LevelDB's error as `cause`; its `code` is LEVEL_LOCKED when another process has
   * the directory.
   */
  async load(): Promise<Loaded> {
    await this.#database.open()
    const revision = await this.#database.get(revisionKey)
    const entries: StoredEntry[] = []
    const iterator = this.#database.iterator({
      gte: entryPrefix,
      lt: afterEntries,
      highWaterMarkBytes: loadBatch.bytes,
    })
    for (let some = await iterator.nextv(loadBatch.items); some.length > 0; ) {
      for (const [key, value] of some) entries.push(decode(key.slice(entryPrefix.length), value))
      some = await iterator.nextv(loadBatch.items)
    }
    await iterator.close()
    return { revision: revision ? Number(revision.toString()) : 0, entries }
  }

  async commit({ revision, changes }: Commit): Promise<void> {
    if (this.#mustReopen) await this.#reopen()
    const operations = [...changes].map(([key, stored]) =>
      stored
        ? { type: 'put' as const, key: entryPrefix + key, value: encode(stored) }
        : { type: 'del' as const, key: entryPrefix + key },
    )
    const newest = { type: 'put' as const, key: revisionKey, value: Buffer.from(`${revision}`) }
    try {
      await this.#database.batch([...operations, newest], { sync: true })
    } catch (error) {
      this.#mustReopen = true
      throw error
    }
  }

  close(): Promise<void> {
    return this.#database.close()
  }

  /**
   * After a failed append, LevelDB goes on behind the torn record, and reading the log stops there:
   * what it acknowledges from then on would be lost (docs/decisions/0001-store.md). Opening anew
   * drops the torn record and starts a new log.
   */
  async #reopen(): Promise<void> {
    await this.#database.close()
    await this.#database.open()
    this.#mustReopen = false
  }
}
