import type { Mvcc } from './mvcc.ts'
import type { StoreWatch, StoreWatchSink } from './store.ts'

interface Watcher {
  readonly prefix: string
  readonly sink: StoreWatchSink
  /** Everything up to this revision has been delivered. */
  position: number
}

/**
 * The open watches. Each has a position in the event log, so that it gets every event once whoever
 * moves it on.
 */
export class Watches {
  readonly #history: Mvcc
  readonly #open = new Set<Watcher>()

  constructor(history: Mvcc) {
    this.#history = history
  }

  /** Events that already happened are delivered after the caller has got its handle. */
  open(prefix: string, revision: number, sink: StoreWatchSink): StoreWatch {
    this.#history.check(revision)
    const watcher: Watcher = { prefix, sink, position: revision }
    this.#open.add(watcher)
    queueMicrotask(() => this.#catchUp(watcher))
    return { stop: () => this.#open.delete(watcher) }
  }

  /** Delivers to every watch what it has not seen yet. */
  deliver(): void {
    for (const watcher of this.#open) this.#catchUp(watcher)
  }

  endAll(error: Error): void {
    const open = [...this.#open]
    this.#open.clear()
    for (const watcher of open) guarded(() => watcher.sink.end(error))
  }

  #catchUp(watcher: Watcher): void {
    if (!this.#open.has(watcher) || watcher.position === this.#history.revision) return
    const events = this.#history
      .eventsAfter(watcher.position)
      .filter((event) => event.key.startsWith(watcher.prefix))
    watcher.position = this.#history.revision
    if (events.length > 0) guarded(() => watcher.sink.events(events))
  }
}

/**
 * A sink that throws must not keep the other watches, or the answers to writers, from theirs; its
 * exception stays uncaught.
 */
function guarded(call: () => void): void {
  try {
    call()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
