import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { cutOff } from './cut-off.ts'
import { DirectSocket } from './direct-socket.ts'
import { type Handle, handleOf, stopReading } from './handover/handles.ts'
import { type HeadOutcome, HeadParser } from './http/head.ts'
import { HeldBytes } from './http/held-bytes.ts'
import { looksLikeHttp, openingOf } from './http/opening.ts'
import { type ExchangeClient, HttpExchange } from './http-exchange.ts'
import type { ServicePort } from './service-port.ts'
import { SilentOpening } from './silent-opening.ts'
import { StreamPipe } from './stream-pipe.ts'
import type { Upstream } from './upstream.ts'

/** After this silence a client may be waiting for the server to speak first. */
const silenceMs = 300
/** How long, in seconds, a client may take for each of these. */
const headSecondsMax = 30
const bodyStallSecondsMax = 60
const readStallSecondsMax = 120
const closingStallSecondsMax = 5
/** A client that has closed its side may still read its answer, or be gone. */
const halfClosedSecondsMax = 10

/** Clients that say nothing must not cost an endpoint more connections than this at once. */
const trialsMax = 256

const noBytes = Buffer.alloc(0)

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
}

export interface ConnectionOptions {
  /** Another proxy has served requests on it. */
  readonly isHttp: boolean
  /** Told between two requests. */
  readonly onIdle: (connection: ClientConnection) => void
}

/** A connection on its way to another process. */
export interface GivenConnection {
  readonly handle: Handle
  /** Of its place. */
  readonly key: string
  readonly isHttp: boolean
  /** Closes this process's copy, which the client does not see. */
  readonly close: () => void
}

/** Where a client came in. */
export interface Place {
  /** The address of the listener. */
  readonly key: string
  /** Whose address it is just now. */
  readonly service: ServicePort | undefined
}

type State = 'opening' | 'head' | 'exchange' | 'stream' | 'closing' | 'given'

/**
 * One connection of a client. HTTP/1.x goes request by request to whichever endpoint is next, and
 * the connection stays; anything else is a stream to one endpoint.
 */
export class ClientConnection implements ExchangeClient {
  readonly socket: Socket
  readonly #place: Place
  readonly #onIdle: (connection: ClientConnection) => void
  readonly #head = new HeadParser('request')
  /** Of a head that is not complete, or of the next request while one is at work. */
  readonly #held = new HeldBytes()
  #state: State = 'opening'
  #exchange: HttpExchange | undefined
  #pipe: StreamPipe | undefined
  #silence: SilentOpening | undefined
  #timer: NodeJS.Timeout | undefined
  #hasEnded = false
  #headSeconds = 0
  #stalledSeconds = 0
  #progress = 0

  constructor(socket: Socket, place: Place, { isHttp, onIdle }: ConnectionOptions) {
    this.socket = socket
    this.#place = place
    this.#onIdle = onIdle
    if (isHttp) this.#becomeHttp()
    else this.#timer = setTimeout(() => this.#silent(), silenceMs)
    const receive = (chunk: Buffer) => this.#received(chunk)
    if (socket instanceof DirectSocket) socket.receive = receive
    else socket.on('data', receive)
    socket.on('end', () => this.#ended())
    socket.on('drain', () => this.#drained())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#closed())
  }

  exchangeDone(mayPersist: boolean): void {
    if (!mayPersist || (this.#hasEnded && this.#held.isEmpty)) {
      this.#close()
      return
    }
    this.#state = 'head'
    this.#head.reset()
    this.#nextRequest()
    if (this.#state === 'head') this.#onIdle(this)
  }

  becomeStream(upstream: Upstream, answer: Buffer): void {
    this.#state = 'stream'
    this.#pipe = new StreamPipe(this.socket)
    this.#pipe.adopt(upstream, this.#held.release(), answer)
    if (this.#hasEnded) this.#pipe.clientEnded()
  }

  refuse(status: number, reason: string): void {
    const body = `${reason}\n`
    this.socket.write(
      `HTTP/1.1 ${status} ${reasons[status]}\r\ncontent-type: text/plain\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    )
    this.#close()
  }

  abort(): void {
    cutOff(this.socket)
  }

  resumeReading(): void {
    if (this.#held.isEmpty || this.#state !== 'exchange') this.socket.resume()
  }

  /**
   * Takes the connection from here if nothing of it is under way: for another process, which reads
   * on where this one has stopped. Not to be called in the turn in which reading was resumed, since
   * Node would read once more. A TLS connection is bound to the process that holds its keys.
   */
  give(): GivenConnection | undefined {
    const { socket } = this
    const state = this.#state
    const handle = handleOf(socket)
    const isIdle = state === 'head' || (state === 'opening' && this.#silence === undefined)
    const isEmpty = this.#held.isEmpty && socket.readableLength + socket.writableLength === 0
    if (!isIdle || !isEmpty || this.#hasEnded || socket.destroyed) return undefined
    if (!handle || socket instanceof TLSSocket) return undefined
    stopReading(socket)
    clearTimeout(this.#timer)
    this.#state = 'given'
    return { handle, key: this.#place.key, isHttp: state === 'head', close: () => socket.destroy() }
  }

  /** Once a second: ends what a client does not go on with. */
  sweep(): void {
    this.#exchange?.sweep()
    this.#pipe?.sweep()
    const { socket } = this
    const progress = socket.bytesRead + socket.bytesWritten - socket.writableLength
    this.#stalledSeconds = progress === this.#progress ? this.#stalledSeconds + 1 : 0
    this.#progress = progress
    const isInHead = this.#state === 'head' || this.#state === 'opening'
    this.#headSeconds = isInHead && !this.#held.isEmpty ? this.#headSeconds + 1 : 0
    if (this.#headSeconds > headSecondsMax) this.refuse(408, 'the request is not complete')
    else if (this.#stalledSeconds > this.#stallSecondsMax()) socket.destroy()
  }

  #stallSecondsMax(): number {
    if (this.#state === 'closing') return closingStallSecondsMax
    if (this.#state !== 'exchange') return Number.POSITIVE_INFINITY
    if (this.#hasEnded) return halfClosedSecondsMax
    if (this.socket.writableNeedDrain) return readStallSecondsMax
    return this.#exchange?.awaitsClient ? bodyStallSecondsMax : Number.POSITIVE_INFINITY
  }

  /** True: done with the chunk. */
  #received(chunk: Buffer): boolean {
    switch (this.#state) {
      case 'opening':
        this.#openingBytes(chunk)
        return false
      case 'head':
        this.#headBytes(chunk)
        return false
      case 'exchange':
        return this.#exchangeBytes(chunk)
      case 'stream':
        return this.#pipe?.clientData(chunk) ?? true
      case 'closing':
      case 'given':
        return true
    }
  }

  #openingBytes(chunk: Buffer): void {
    const bytes = this.#held.isEmpty ? chunk : this.#held.append(chunk)
    const opening = openingOf(bytes)
    if (opening === 'unknown') {
      if (this.#held.isEmpty) this.#held.append(chunk)
      return
    }
    const all = this.#held.isEmpty ? bytes : this.#held.release()
    if (opening === 'http') this.#beginHttp(all)
    else this.#beginStream(all)
  }

  #beginHttp(bytes: Buffer): void {
    this.#stopListening((upstream) => upstream.endpoint.release(upstream))
    this.#becomeHttp()
    this.#headBytes(bytes)
  }

  #becomeHttp(): void {
    this.#state = 'head'
    this.#exchange = new HttpExchange(this)
  }

  #beginStream(bytes: Buffer): void {
    const pipe = new StreamPipe(this.socket)
    this.#state = 'stream'
    this.#pipe = pipe
    let isAdopted = false
    this.#stopListening((upstream) => {
      pipe.adopt(upstream, bytes, noBytes)
      isAdopted = true
    })
    const service = this.#place.service
    if (isAdopted) return
    if (service) pipe.open(service, bytes)
    else cutOff(this.socket)
  }

  #stopListening(use: (upstream: Upstream) => void): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const upstream = this.#silence?.take()
    this.#silence = undefined
    if (upstream) use(upstream)
  }

  /** The client has said nothing, or not enough to know what it speaks. */
  #silent(): void {
    if (this.#state !== 'opening') return
    if (this.#held.isEmpty) {
      const service = this.#place.service
      if (!service || this.#hasEnded) return
      if (service.trials >= trialsMax) {
        this.#timer = setTimeout(() => this.#silent(), silenceMs)
        return
      }
      this.#silence = new SilentOpening(this.socket, service, (upstream, chunk) => {
        this.#state = 'stream'
        this.#silence = undefined
        this.#pipe = new StreamPipe(this.socket)
        this.#pipe.adopt(upstream, noBytes, chunk)
      })
      return
    }
    const bytes = this.#held.release()
    if (looksLikeHttp(bytes)) this.#beginHttp(bytes)
    else this.#beginStream(bytes)
  }

  #headBytes(chunk: Buffer): void {
    const bytes = this.#held.isEmpty ? chunk : this.#held.append(chunk)
    const outcome = this.#head.parse(bytes)
    if (outcome === 'more') {
      if (this.#held.isEmpty) this.#held.append(chunk)
    } else if (outcome === 'done') {
      this.#request(this.#held.isEmpty ? bytes : this.#held.release())
    } else {
      this.refuse(outcome, refusalText(outcome))
    }
  }

  /** `bytes`: a complete head, and what came with it. */
  #request(bytes: Buffer): void {
    const service = this.#place.service
    const exchange = this.#exchange
    if (!service || !exchange) {
      this.refuse(503, 'the Service is gone')
      return
    }
    this.#state = 'exchange'
    const end = exchange.begin(service, this.#head, bytes)
    if (end < bytes.length) this.#hold(bytes.subarray(end))
  }

  #exchangeBytes(chunk: Buffer): boolean {
    const exchange = this.#exchange
    const end = exchange?.wantsBody ? exchange.requestBytes(chunk) : 0
    if (end === chunk.length) return exchange?.hasPassedOn ?? false
    this.#hold(chunk.subarray(end))
    return false
  }

  /** The next request waits for the answer to this one. */
  #hold(bytes: Buffer): void {
    if (this.#state === 'exchange') {
      this.#held.append(bytes)
      this.socket.pause()
    } else if (this.#state !== 'closing') {
      this.#received(bytes)
    }
  }

  #nextRequest(): void {
    // Answers that nobody reads must not pile up.
    if (this.socket.writableNeedDrain && !this.#held.isEmpty) return
    if (!this.#held.isEmpty) this.#headBytes(this.#held.release())
    if (this.#state === 'head') this.socket.resume()
    if (this.#state === 'head' && this.#hasEnded) this.#close()
  }

  #drained(): void {
    if (this.#state === 'head') this.#nextRequest()
    else if (this.#state === 'exchange') this.#exchange?.clientDrained()
    else this.#pipe?.clientDrained()
  }

  #ended(): void {
    this.#hasEnded = true
    switch (this.#state) {
      case 'opening':
        this.#endedInOpening()
        break
      case 'head':
        this.#close()
        break
      case 'exchange':
        if (!this.#exchange?.wantsBody) break
        this.#exchange.clientGone()
        this.socket.destroy()
        break
      case 'stream':
        this.#pipe?.clientEnded()
        break
      case 'closing':
      case 'given':
        break
    }
  }

  #endedInOpening(): void {
    if (this.#held.isEmpty) {
      this.#close()
      return
    }
    this.#beginStream(this.#held.release())
    this.#pipe?.clientEnded()
  }

  /** Says no more; what the client still says is read and dropped, or it might lose the answer. */
  #close(): void {
    this.#state = 'closing'
    this.socket.end()
    this.socket.resume()
  }

  #closed(): void {
    clearTimeout(this.#timer)
    this.#silence?.close()
    this.#pipe?.clientClosed()
    if (this.#state === 'exchange') this.#exchange?.clientGone()
  }
}

function refusalText(outcome: Exclude<HeadOutcome, 'more' | 'done'>): string {
  if (outcome === 431) return 'the head of the request is over 64 KiB'
  if (outcome === 501) return 'the only Transfer-Encoding known is chunked'
  return 'the head of the request is malformed'
}
