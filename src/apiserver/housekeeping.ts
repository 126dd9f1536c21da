import type { Event } from '../api/generated/types.ts'
import { events } from '../api/scheme.ts'
import type { Timer } from '../base/clock.ts'
import { oncePerFrozen } from '../base/memo.ts'
import { type Entry, RevisionMismatch } from '../store/store.ts'
import { valueAt } from './encode.ts'
import type { ServerContext } from './server-context.ts'
import { resourcePrefix } from './store-keys.ts'

const periodMs = 30_000
/** How long, and for how many revisions, lists can be continued and watches resumed. */
const historyMs = 5 * 60_000
const historyRevisions = 20_000
/** Events are kept for an hour after they last happened. */
const eventLifetimeMs = 60 * 60_000

interface Mark {
  readonly atMs: number
  readonly revision: number
}

/** What an API server does by the clock: forgets old revisions, removes old Events. */
export class Housekeeping {
  readonly #context: ServerContext
  #marks: readonly Mark[] = []
  #timer: Timer | undefined

  constructor(context: ServerContext) {
    this.#context = context
  }

  start(): void {
    this.#mark()
    this.#schedule()
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #schedule(): void {
    this.#timer = this.#context.clock.setTimeout(() => {
      this.#schedule()
      void this.#run()
    }, periodMs)
  }

  async #run(): Promise<void> {
    try {
      this.#mark()
      await this.#forget()
      await this.#expireEvents()
    } catch (error) {
      this.#context.log.warn('housekeeping failed, trying again later', { error: String(error) })
    }
  }

  #mark(): void {
    const { clock, store } = this.#context
    this.#marks = [...this.#marks, { atMs: clock.now(), revision: store.revision }]
  }

  /** Forgets what came before `revision`: who watches from there must list again (H-08). */
  async compact(revision: number): Promise<void> {
    this.#context.watchHub.compact(revision)
    await this.#context.store.compact(revision)
  }

  async #forget(): Promise<void> {
    const { clock, store } = this.#context
    const outlived = this.#marks.filter(({ atMs }) => atMs <= clock.now() - historyMs)
    this.#marks = this.#marks.slice(outlived.length)
    const byTime = outlived.at(-1)?.revision ?? 0
    const revision = Math.max(byTime, store.revision - historyRevisions)
    if (revision > 0) await this.compact(revision)
  }

  async #expireEvents(): Promise<void> {
    const { store, clock } = this.#context
    const bornBeforeMs = clock.now() - eventLifetimeMs
    const { entries } = store.list(resourcePrefix(events))
    const old = entries.filter((entry) => lastSeenMs(entry.object as Event) < bornBeforeMs)
    await Promise.all(old.map((entry) => this.#remove(entry)))
  }

  /** An Event that happens again at this moment stays. */
  async #remove({ key, revision, object }: Entry): Promise<void> {
    try {
      await this.#context.store.delete(key, revision, (at) => valueAt(at, object as Event))
    } catch (error) {
      if (!(error instanceof RevisionMismatch)) throw error
    }
  }
}

const lastSeenMs = oncePerFrozen(({ metadata, eventTime, lastTimestamp, series }: Event) => {
  const times = [metadata.creationTimestamp, eventTime, lastTimestamp, series?.lastObservedTime]
  return Math.max(...times.map((time) => (time ? Date.parse(time) : 0)))
})
