import type { Event } from '../api/generated/types.ts'
import type { KubeObject } from '../api/object.ts'
import { events } from '../api/scheme.ts'
import { isNamespaceTerminating, isStatusError } from '../api/status-error.ts'
import type { Transport } from '../api/transport.ts'
import { timestamp } from '../base/clock.ts'
import type { Context } from '../base/context.ts'
import type { Logger } from '../base/log.ts'
import { randomInt } from '../base/prng.ts'
import { QuietTimer } from '../base/quiet-timer.ts'
import type { EventRecorder } from './event-recorder.ts'
import { EventSpamFilter } from './event-spam-filter.ts'
import { LruMap } from './lru-map.ts'

/**
 * Events are written when nothing has been recorded for so long: what they tell of mostly goes on,
 * and shall not wait for its own story to be written.
 */
const quietMs = 200
/** … or when the first one has waited so long … */
const delayMsMax = 1_000
/** … or when so many wait. */
const waitingMax = 500
const queueMax = 1_000
const batchMax = 16
const seriesMax = 4096

export interface RecorderOptions {
  readonly transport: Transport
  /** Such as `deployment-controller`: `source.component` and `reportingComponent`. */
  readonly component: string
  /** For a node's Events: `source.host` and `reportingInstance`. */
  readonly host?: string
}

export interface Recorder extends EventRecorder {
  /** Writes at once what waits; resolves when all that was recorded so far is written, or lost. */
  idle(): Promise<void>
}

export function createEventRecorder(context: Context, options: RecorderOptions): Recorder {
  return new QueuedRecorder(context, options)
}

/** Identical Events that wait to be written as one. */
interface Waiting {
  readonly event: Omit<Event, 'metadata'>
  readonly firstMs: number
  readonly lastMs: number
  readonly count: number
}

/** An Event as last written. */
interface Series {
  readonly name: string
  readonly count: number
}

/**
 * Writes Events in the background, a batch at a time, when it is quiet. Identical ones (same
 * source, object, type, reason and message) become one: those that wait are counted together, and
 * one that was written before is patched (G-53).
 */
class QueuedRecorder implements Recorder {
  readonly #context: Context
  readonly #options: RecorderOptions
  readonly #log: Logger
  readonly #spamFilter: EventSpamFilter
  /** By identity, in order of arrival. */
  readonly #waiting = new Map<string, Waiting>()
  /** By identity. */
  readonly #written = new LruMap<Series>(seriesMax)
  #draining: Promise<void> | undefined
  /** Until all that waits is written. */
  readonly #timer: QuietTimer
  /** Within a millisecond; others, who count for themselves, begin elsewhere. */
  #nanoseconds: number

  constructor(context: Context, options: RecorderOptions) {
    this.#nanoseconds = randomInt(context.prng, 1_000_000)
    this.#context = context
    this.#options = options
    this.#log = context.log.with({ component: options.component })
    this.#spamFilter = new EventSpamFilter(context.clock)
    const times = { quietMs, delayMsMax }
    this.#timer = new QuietTimer(context.clock, times, () => void this.#start())
  }

  event(...[about, type, reason, message, fieldPath]: Parameters<EventRecorder['event']>): void {
    const { kind, metadata } = about
    const subject = [kind, metadata.namespace, metadata.name, metadata.uid, fieldPath]
    const identity = JSON.stringify([...subject, type, reason, message])
    const waiting = this.#waiting.get(identity)
    const lastMs = this.#context.clock.now()
    if (waiting) {
      this.#waiting.set(identity, { ...waiting, lastMs, count: waiting.count + 1 })
    } else if (this.#waiting.size >= queueMax || !this.#spamFilter.allows(about)) {
      this.#log.debug('an Event is lost: too many at once', { reason, message })
    } else {
      const event = { ...this.#describe(about, fieldPath), type, reason, message }
      this.#waiting.set(identity, { event, firstMs: lastMs, lastMs, count: 1 })
    }
    this.#schedule()
  }

  async idle(): Promise<void> {
    while (this.#draining || this.#waiting.size > 0) await this.#start()
  }

  #schedule(): void {
    if (this.#draining || this.#waiting.size === 0) return
    if (this.#waiting.size >= waitingMax) void this.#start()
    else this.#timer.touch()
  }

  #start(): Promise<void> {
    this.#timer.cancel()
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined
      this.#schedule()
    })
    return this.#draining
  }

  #describe(about: KubeObject, fieldPath: string | undefined) {
    const { component, host } = this.#options
    const { namespace, name, uid, resourceVersion } = about.metadata
    const { apiVersion, kind } = about
    const subject = { kind, namespace, name, uid, apiVersion, resourceVersion }
    return {
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: { ...subject, ...(fieldPath && { fieldPath }) },
      source: { component, ...(host && { host }) },
      reportingComponent: component,
      reportingInstance: host ?? '',
    }
  }

  async #drain(): Promise<void> {
    // Not inside the caller's turn: what it records in one go is merged first.
    await Promise.resolve()
    const all = [...this.#waiting]
    this.#waiting.clear()
    for (let at = 0; at < all.length; at += batchMax) {
      const batch = all.slice(at, at + batchMax)
      await Promise.all(batch.map(([identity, waiting]) => this.#write(identity, waiting)))
    }
  }

  async #write(identity: string, waiting: Waiting): Promise<void> {
    try {
      const series = this.#written.get(identity)
      const next = (series && (await this.#patch(series, waiting))) ?? (await this.#create(waiting))
      this.#written.set(identity, next)
    } catch (error) {
      const { reason, message } = waiting.event
      const level = isNamespaceTerminating(error) ? 'debug' : 'warn'
      const why = error instanceof Error ? error.message : String(error)
      this.#log[level]('an Event is lost', { reason, message, error: why })
    }
  }

  /** Undefined when the Event has been deleted since (they live for an hour). */
  async #patch(series: Series, waiting: Waiting): Promise<Series | undefined> {
    const key = { namespace: namespaceOf(waiting), name: series.name }
    const count = series.count + waiting.count
    const body = { count, lastTimestamp: timestamp(waiting.lastMs) }
    const type = 'application/strategic-merge-patch+json'
    try {
      await this.#options.transport.patch(events, key, { type, body })
      return { ...series, count }
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined
      throw error
    }
  }

  async #create({ event, firstMs, lastMs, count }: Waiting): Promise<Series> {
    const namespace = namespaceOf({ event })
    const name = `${event.involvedObject.name}.${this.#uniqueHex(firstMs)}`
    const times = { firstTimestamp: timestamp(firstMs), lastTimestamp: timestamp(lastMs) }
    const object = { ...event, metadata: { name, namespace }, ...times, count }
    await this.#options.transport.create(events, { namespace }, object)
    return { name, count }
  }

  /**
   * Nanoseconds since the epoch, of which the clock knows only the milliseconds. By them the Events
   * of an object are listed in the order in which they were told.
   */
  #uniqueHex(firstMs: number): string {
    this.#nanoseconds = (this.#nanoseconds + 1) % 1_000_000
    const nanoseconds = BigInt(firstMs) * 1_000_000n + BigInt(this.#nanoseconds)
    return nanoseconds.toString(16)
  }
}

/** An Event lives beside its object; one about a cluster-scoped object, in `default`. */
function namespaceOf({ event }: Pick<Waiting, 'event'>): string {
  return event.involvedObject.namespace ?? 'default'
}
