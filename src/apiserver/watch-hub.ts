import type { Clock, Timer } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import {
  RevisionUnavailable,
  type Store,
  type StoreEvent,
  type StoreWatch,
} from '../store/store.ts'

/** Bookmarks come about each minute (H-08). */
const bookmarkPeriodMs = 60_000

/** What a watcher of the hub gets. Both may be called until it has left. */
export interface Watcher {
  /** Below which keys it wants events: a prefix that ends with a slash, or one whole key. */
  readonly scope: string
  event(event: StoreEvent): void
  /** All events up to this revision have been handed over. */
  progress(revision: number): void
  end(error: Error): void
}

interface HubOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Logger
}

/**
 * One watch of the store for all watchers of the API. Watchers are indexed by scope, so that an
 * event costs only those who want it; the recent past is kept until compaction, so that a watcher
 * can start where its list was made.
 */
export class WatchHub {
  readonly #store: Store
  readonly #clock: Clock
  readonly #log: Logger
  readonly #watch: StoreWatch
  readonly #watchers = new Map<string, Set<Watcher>>()
  #history: StoreEvent[] = []
  /** Events after this revision are in the history. */
  #historyStart: number
  #revision: number
  #timer: Timer

  constructor({ store, clock, log }: HubOptions) {
    this.#store = store
    this.#clock = clock
    this.#log = log
    this.#revision = store.revision
    this.#historyStart = store.revision
    this.#watch = store.watch('', store.revision, {
      events: (events) => this.#receive(events),
      end: (error) => this.#endAll(error),
    })
    this.#timer = this.#scheduleBookmarks()
  }

  /**
   * Hands over all events after `revision` in the watcher's scope. Throws RevisionUnavailable.
   * Returns how to leave.
   */
  join(watcher: Watcher, revision: number): () => void {
    const current = this.#store.revision
    if (revision > current) throw new RevisionUnavailable(revision, 'future', current)
    if (revision < this.#historyStart) throw new RevisionUnavailable(revision, 'compacted', current)
    const watchers = this.#watchers.get(watcher.scope) ?? new Set()
    this.#watchers.set(watcher.scope, watchers.add(watcher))
    const missed = this.#history.findLastIndex((event) => event.revision <= revision) + 1
    for (const event of this.#history.slice(missed)) {
      if (watchers.has(watcher) && event.key.startsWith(watcher.scope))
        this.#deliver(watcher, event)
    }
    return () => {
      watchers.delete(watcher)
      if (watchers.size === 0 && this.#watchers.get(watcher.scope) === watchers) {
        this.#watchers.delete(watcher.scope)
      }
    }
  }

  /** Forgets events up to `revision`, as the store does. */
  compact(revision: number): void {
    this.#history = this.#history.filter((event) => event.revision > revision)
    this.#historyStart = Math.max(this.#historyStart, Math.min(revision, this.#revision))
  }

  stop(): void {
    this.#timer.cancel()
    this.#watch.stop()
    for (const watcher of this.#all()) watcher.end(new Error('the API server is stopping'))
    this.#watchers.clear()
  }

  #receive(events: readonly StoreEvent[]): void {
    for (const event of events) {
      this.#revision = event.revision
      this.#history.push(event)
      for (const scope of scopesOf(event.key)) {
        for (const watcher of this.#watchers.get(scope) ?? []) this.#deliver(watcher, event)
      }
    }
  }

  /** A watcher that throws must not cost the others their events. */
  #deliver(watcher: Watcher, event: StoreEvent): void {
    try {
      watcher.event(event)
    } catch (error) {
      this.#log.error('a watcher failed', { scope: watcher.scope, error: String(error) })
      watcher.end(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #scheduleBookmarks(): Timer {
    return this.#clock.setTimeout(() => {
      for (const watcher of this.#all()) watcher.progress(this.#revision)
      this.#timer = this.#scheduleBookmarks()
    }, bookmarkPeriodMs)
  }

  #endAll(error: Error): void {
    for (const watcher of this.#all()) watcher.end(error)
  }

  #all(): Watcher[] {
    return [...this.#watchers.values()].flatMap((watchers) => [...watchers])
  }
}

/** The scopes an event of this key belongs to: `pods/`, `pods/default/`, `pods/default/app`. */
function scopesOf(key: string): string[] {
  const scopes = [key]
  for (let slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
    scopes.push(key.slice(0, slash + 1))
  }
  return scopes
}
