import type { KubeObject } from '../api/object.ts'
import { qualifiedPlural, type Resource } from '../api/resource.ts'
import { isStatusError } from '../api/status-error.ts'
import type {
  Collection,
  ListOptions,
  ListResult,
  Transport,
  WatchEvent,
  WatchHandle,
} from '../api/transport.ts'
import { sleep } from '../base/clock.ts'
import type { Context } from '../base/context.ts'
import type { Logger } from '../base/log.ts'
import { randomInt } from '../base/prng.ts'

const backoffMsMin = 100
const backoffMsMax = 30_000
/** A watch that ends sooner than this counts as a failure, even if it ends without an error. */
const watchMsMin = 1000
const watchSecondsMin = 300

/** Told what the server holds, synchronously and in order. */
export interface ReflectorSink<T extends KubeObject> {
  /** Everything there is; comes first, and again whenever events may have been missed. */
  replaced(items: readonly T[]): void
  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void
}

export interface ReflectorOptions<T extends KubeObject> {
  readonly transport: Transport
  readonly resource: Resource<T>
  readonly where?: Collection
  readonly selectors?: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>
  readonly sink: ReflectorSink<T>
}

/**
 * Keeps a sink up to date by list and watch. A watch that ends is resumed after the last
 * resourceVersion seen (H-08); when the server refuses that (410 Expired, or any other refusal),
 * everything is listed again. Failures in a row wait 100 ms to 30 s, doubling, with jitter.
 */
export class Reflector<T extends KubeObject> {
  readonly #context: Context
  readonly #log: Logger
  readonly #options: ReflectorOptions<T>
  readonly #aborter = new AbortController()
  #failures = 0

  constructor(context: Context, options: ReflectorOptions<T>) {
    this.#context = context
    this.#log = context.log.with({ reflector: qualifiedPlural(options.resource) })
    this.#options = options
  }

  start(): void {
    void this.#run()
  }

  /** The sink hears nothing more, even of a list under way. */
  stop(): void {
    this.#aborter.abort()
  }

  get #isStopped(): boolean {
    return this.#aborter.signal.aborted
  }

  async #run(): Promise<void> {
    let resourceVersion: string | undefined
    while (!this.#isStopped) {
      resourceVersion ??= await this.#list()
      if (resourceVersion !== undefined) resourceVersion = await this.#watch(resourceVersion)
    }
  }

  /** The list's resourceVersion; undefined when it failed. */
  async #list(): Promise<string | undefined> {
    const { transport, resource, where = {}, selectors, sink } = this.#options
    let list: ListResult<T>
    try {
      list = await transport.list(resource, where, selectors)
    } catch (error) {
      await this.#backOff('list', error)
      return undefined
    }
    if (this.#isStopped) return undefined
    sink.replaced(list.items)
    return list.resourceVersion
  }

  /** The resourceVersion to go on from; undefined when everything must be listed again. */
  async #watch(from: string): Promise<string | undefined> {
    const startMs = this.#context.clock.monotonic()
    const { resourceVersion, error } = await this.#watchOnce(from)
    if (this.#isStopped) return undefined
    const isShort = this.#context.clock.monotonic() - startMs < watchMsMin
    if (!isShort) this.#failures = 0
    const mustList = isStatusError(error) && error.reason !== 'TooManyRequests'
    if (error ? this.#failures > 0 || !isStatusError(error, 'Expired') : isShort) {
      await this.#backOff('watch', error)
    } else if (mustList) {
      this.#failures++
    }
    return mustList ? undefined : resourceVersion
  }

  #watchOnce(from: string): Promise<{ readonly resourceVersion: string; readonly error?: Error }> {
    const { transport, resource, where = {}, selectors, sink } = this.#options
    const { signal } = this.#aborter
    let resourceVersion = from
    return new Promise((resolve) => {
      const event = (received: WatchEvent<T>) => {
        if (signal.aborted) return
        if (received.type === 'BOOKMARK') resourceVersion = received.resourceVersion
        else {
          resourceVersion = received.object.metadata.resourceVersion ?? resourceVersion
          sink.changed(received.type, received.object)
        }
      }
      let handle: WatchHandle | undefined
      const stop = () => {
        handle?.stop()
        resolve({ resourceVersion })
      }
      const end = (error?: Error) => {
        signal.removeEventListener('abort', stop)
        resolve({ resourceVersion, ...(error && { error }) })
      }
      const timeoutSeconds = watchSecondsMin + randomInt(this.#context.prng, watchSecondsMin)
      const options = { ...selectors, resourceVersion, allowWatchBookmarks: true, timeoutSeconds }
      signal.addEventListener('abort', stop)
      handle = transport.watch(resource, where, options, { event, end })
      // By a handler that heard the first events before `watch` returned.
      if (signal.aborted) handle.stop()
    })
  }

  async #backOff(verb: string, error: unknown): Promise<void> {
    if (this.#isStopped) return
    const ceilingMs = Math.min(backoffMsMin * 2 ** this.#failures, backoffMsMax)
    const askedMs = isStatusError(error) ? (error.details?.retryAfterSeconds ?? 0) * 1000 : 0
    const delayMs = Math.max(askedMs, ceilingMs * (0.5 + this.#context.prng.next() / 2))
    this.#failures++
    this.#log[this.#failures > 3 ? 'warn' : 'debug'](`cannot ${verb}; trying again`, {
      error: error instanceof Error ? error.message : 'the watch ended at once',
      delayMs,
    })
    await sleep(this.#context.clock, delayMs, this.#aborter.signal)
  }
}
