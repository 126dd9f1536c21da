/** The newest version of one key, as the disk keeps it. */
export interface StoredEntry {
  readonly key: string
  readonly revision: number
  readonly createRevision: number
  readonly bytes: Uint8Array
}

/** What one commit brings: all of it becomes durable, or none. */
export interface Commit {
  /**
   * The newest revision handed out so far, for deletions too: after a crash, none up to it is used
   * again.
   */
  readonly revision: number
  /** The newest version of each key that changes; undefined removes the key. */
  readonly changes: ReadonlyMap<string, StoredEntry | undefined>
}

/** What a directory held when it was opened. */
export interface Loaded {
  /** The revision of the last commit; 0 when there was none. */
  readonly revision: number
  readonly entries: readonly StoredEntry[]
}

/**
 * Where a store keeps its newest versions; older ones and the event log live in memory only. There
 * is one commit at a time. A commit that rejects may or may not have reached the disk, but never in
 * part; the next one overwrites what it touched.
 */
export interface Persistence {
  /** Resolves when the commit is durable. */
  commit(commit: Commit): Promise<void>
  close(): Promise<void>
}
