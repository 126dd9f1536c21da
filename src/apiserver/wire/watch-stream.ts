import { stringifyJson } from '../../api/json.ts'
import type { Logger } from '../../base/log.ts'
import type { EncodedWatchEvent, EncodedWatchSink } from '../operations.ts'
import type { Exchange } from './exchange.ts'
import { cutOff, isGone, sendError, startStream, statusOf } from './respond.ts'

type Piece = Uint8Array | string

export interface WatchStreamOptions {
  /** Starts the watch into the sink; the initial events come before the event loop turns. */
  start(sink: EncodedWatchSink): { stop(): void }
  /** One event as a line. */
  encode(event: EncodedWatchEvent): readonly Piece[]
  readonly log: Logger
  /** Bytes of live events that may wait for a slow client before it is cut off. */
  readonly backlogBytesMax: number
}

/** One write joins waiting events up to this size. */
const batchBytes = 64 * 1024

/**
 * Sends a watch as newline-delimited JSON. Events wait as references to the store's bytes until
 * the client has taken the former ones; a client that falls too far behind is cut off and has to
 * list again. What a refusal says goes out as an ordinary error as long as no event has been sent,
 * after that as an ERROR event.
 */
export function streamWatch(exchange: Exchange, options: WatchStreamOptions): void {
  new WatchStream(exchange, options).run()
}

class WatchStream {
  readonly #exchange: Exchange
  readonly #options: WatchStreamOptions
  readonly #waiting: EncodedWatchEvent[] = []
  /** Bytes of waiting live events; the initial ones are exempt, since they are but a list. */
  #backlogBytes = 0
  /** How many of the waiting events, from the first on, are initial ones. */
  #initialWaiting = 0
  #isInitial = true
  #isOpen = false
  #isFull = false
  #end: { readonly error: Error | undefined } | undefined
  #handle: { stop(): void } | undefined

  constructor(exchange: Exchange, options: WatchStreamOptions) {
    this.#exchange = exchange
    this.#options = options
  }

  run(): void {
    const { response, signal } = this.#exchange
    if (signal.aborted) return
    signal.addEventListener('abort', () => this.#finish(undefined), { once: true })
    response.on('drain', () => {
      this.#isFull = false
      this.#pump()
    })
    this.#handle = this.#options.start({
      event: (event) => this.#take(event),
      end: (error) => this.#finish(error),
    })
    if (this.#end) this.#handle.stop()
    // By then the initial events are here, or a refusal, which then becomes an ordinary error
    // answer.
    setImmediate(() => this.#open())
  }

  #open(): void {
    this.#isInitial = false
    if (isGone(this.#exchange.response)) return
    if (this.#end?.error && this.#waiting.length === 0) {
      sendError(this.#exchange, this.#end.error, this.#options.log)
      return
    }
    const { response } = this.#exchange
    this.#isOpen = true
    startStream(response, 'application/json')
    this.#pump()
  }

  #take(event: EncodedWatchEvent): void {
    if (this.#end) return
    this.#waiting.push(event)
    if (this.#isInitial) this.#initialWaiting++
    else this.#backlogBytes += sizeOf(event)
    if (this.#backlogBytes > this.#options.backlogBytesMax) this.#abandon()
    else if (this.#isOpen && this.#waiting.length === 1) queueMicrotask(() => this.#pump())
  }

  #abandon(): void {
    this.#options.log.warn('a watch fell too far behind and was ended', {
      path: this.#exchange.path,
      userAgent: this.#exchange.caller.userAgent,
    })
    this.#waiting.length = 0
    this.#finish(undefined)
    cutOff(this.#exchange.response)
  }

  #pump(): void {
    if (!this.#isOpen || isGone(this.#exchange.response)) return
    try {
      this.#send()
    } catch (error) {
      // Nobody above catches what fails here, outside any request's own call.
      this.#finish(undefined)
      sendError(this.#exchange, error, this.#options.log)
    }
  }

  #send(): void {
    const { response } = this.#exchange
    let sent = 0
    while (sent < this.#waiting.length && !this.#isFull) {
      const batch: Piece[] = []
      let length = 0
      for (; sent < this.#waiting.length && length < batchBytes; sent++) {
        for (const piece of this.#sendable(this.#waiting[sent] as EncodedWatchEvent)) {
          batch.push(piece)
          length += piece.length
        }
      }
      this.#isFull = !response.write(joined(batch))
    }
    this.#waiting.splice(0, sent)
    if (this.#end && this.#waiting.length === 0) this.#close(this.#end.error)
  }

  /** The event as it goes out, taken off the backlog. */
  #sendable(event: EncodedWatchEvent): readonly Piece[] {
    if (this.#initialWaiting > 0) this.#initialWaiting--
    else this.#backlogBytes -= sizeOf(event)
    return this.#options.encode(event)
  }

  #finish(error: Error | undefined): void {
    if (this.#end) return
    this.#end = { error }
    this.#handle?.stop()
    this.#pump()
  }

  #close(error: Error | undefined): void {
    const { response } = this.#exchange
    if (!error) {
      response.end()
      return
    }
    const status = statusOf(error, this.#options.log).toStatus()
    response.end(`{"type":"ERROR","object":${stringifyJson(status)}}\n`)
  }
}

function sizeOf(event: EncodedWatchEvent): number {
  return event.type === 'BOOKMARK' ? 0 : event.bytes.length
}

function joined(pieces: readonly Piece[]): Buffer {
  return Buffer.concat(pieces.map((p) => (typeof p === 'string' ? Buffer.from(p) : p)))
}
