import type { Socket } from 'node:net'
import { BodyBoundary } from './http/body.ts'
import { type Framing, HeadParser, requestFraming, responseFraming } from './http/head.ts'
import { HeldBytes } from './http/held-bytes.ts'
import { LoggedRequest } from './logged-request.ts'
import type { ServicePort } from './service-port.ts'
import type { Upstream, UpstreamEndpoint, UpstreamUser } from './upstream.ts'
import { hasTakenAll, writeTo } from './write-to.ts'

/** The client's side of an exchange. */
export interface ExchangeClient {
  readonly socket: Socket
  /** The answer is whole; without `mayPersist` the connection ends with it. */
  exchangeDone(mayPersist: boolean): void
  /** Both sides speak something else from now on; `answer` is what the endpoint said last. */
  becomeStream(upstream: Upstream, answer: Buffer): void
  /** The proxy answers itself, and the connection ends. */
  refuse(status: number, reason: string): void
  /** An answer has begun and cannot be ended. */
  abort(): void
  resumeReading(): void
}

type Phase = 'idle' | 'connecting' | 'waiting' | 'responding' | 'answered'

const attemptsMax = 5
const idempotentMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])
/**
 * A server may close an idle connection just when a request is on its way. Requests that cannot be
 * sent again only go out on connections that were at work a moment ago.
 */
const freshIdleMs = 1_000
const connectSecondsMax = 3

/** One request and its answer, bytes passed on as they are; then the next of the connection. */
export class HttpExchange implements UpstreamUser {
  readonly #client: ExchangeClient
  readonly #request = new BodyBoundary()
  readonly #answer = new BodyBoundary()
  readonly #answerHead = new HeadParser('response')
  readonly #held = new HeldBytes()
  readonly #tried: UpstreamEndpoint[] = []
  #service: ServicePort | undefined
  #upstream: Upstream | undefined
  #phase: Phase = 'idle'
  /** The request so far, while it may have to be sent again. */
  #message: Buffer | undefined
  #method = ''
  #isUpgrade = false
  #isIdempotent = false
  #clientPersists = false
  /** The client waits for `100 Continue` before it sends its body. */
  #awaitsContinue = false
  #framing: Framing = 'none'
  #isInBody = false
  #attempts = 0
  #connectingSeconds = 0
  /** When the request's head was whole. */
  #beganMs = 0
  /** Where there is an access log, until its line is written. */
  #logged: LoggedRequest | undefined

  constructor(client: ExchangeClient) {
    this.#client = client
  }

  /** Whether bytes of the client still belong to this request. */
  get wantsBody(): boolean {
    return !this.#request.isDone
  }

  /** Whether it is the client whom everybody waits for. */
  get awaitsClient(): boolean {
    return this.wantsBody && this.#phase !== 'connecting' && !this.#isUpstreamBlocked()
  }

  /** `bytes`: the head, and what has come after it. Returns the offset after what was taken. */
  begin(service: ServicePort, head: HeadParser, bytes: Buffer): number {
    this.#service = service
    this.#beganMs = performance.now()
    this.#method = head.method
    this.#isUpgrade = head.hasUpgrade
    this.#isIdempotent = idempotentMethods.has(head.method)
    this.#clientPersists = head.isPersistent
    this.#awaitsContinue = head.expectsContinue
    this.#isInBody = false
    this.#attempts = 0
    this.#tried.length = 0
    this.#answerHead.reset()
    this.#beginLog(service, bytes)
    this.#request.begin(requestFraming(head), head.contentLength ?? 0)
    const end = this.#request.take(bytes, head.end)
    if (end < 0) {
      this.#endLog(400)
      this.#client.refuse(400, 'the request has a malformed chunked body')
      return bytes.length
    }
    this.#message = end === bytes.length ? bytes : bytes.subarray(0, end)
    this.#attempt(true)
    return end
  }

  /** Whether nobody here will look again at bytes of the client that were taken. */
  get hasPassedOn(): boolean {
    return this.#upstream !== undefined && hasTakenAll(this.#upstream.socket)
  }

  /** More of the request's body. Returns the offset after what was taken. */
  requestBytes(chunk: Buffer): number {
    const end = this.#request.take(chunk, 0)
    if (end < 0) {
      this.#refuse(400, 'the request has a malformed chunked body')
      return chunk.length
    }
    const upstream = this.#upstream
    const part = end === chunk.length ? chunk : chunk.subarray(0, end)
    if (upstream && !upstream.write(part)) this.#client.socket.pause()
    if (this.#phase === 'answered' && this.#request.isDone) this.#complete()
    return end
  }

  clientDrained(): void {
    this.#upstream?.socket.resume()
  }

  /** The client will not send the rest of its request, or does not want the answer. */
  clientGone(): void {
    this.#endLog(this.#isInBody ? this.#answerHead.status : 0, false)
    this.#detach()?.destroy()
    this.#reset()
  }

  /** Once a second. */
  sweep(): void {
    if (this.#phase !== 'connecting' || ++this.#connectingSeconds < connectSecondsMax) return
    this.#died()
  }

  upstreamConnected(): void {
    this.#phase = 'waiting'
    this.#sent()
    if (this.wantsBody) this.#client.resumeReading()
  }

  upstreamData(chunk: Buffer): boolean {
    if (this.#phase === 'waiting') {
      this.#phase = 'responding'
      this.#message = undefined
    }
    if (this.#phase !== 'responding') return true
    if (!this.#isInBody) {
      this.#headBytes(chunk)
      return false
    }
    this.#bodyBytes(chunk, 0)
    return hasTakenAll(this.#client.socket)
  }

  upstreamDrained(): void {
    if (this.wantsBody) this.#client.resumeReading()
  }

  /** The end of a body without a length, and of nothing else. */
  upstreamEnded(): void {
    const isWhole = this.#isInBody && this.#framing === 'until-close'
    if (this.#phase === 'responding' && isWhole) this.#answered(false)
    else this.#died()
  }

  upstreamClosed(): void {
    this.#died()
  }

  #attempt(mayReuse: boolean): void {
    this.#attempts++
    const endpoint = this.#service?.pick(this.#client.socket, this.#tried)
    const message = this.#message
    if (!endpoint || !message) {
      this.#giveUp()
      return
    }
    const idleMs =
      this.#isIdempotent && this.#request.isDone ? Number.POSITIVE_INFINITY : freshIdleMs
    const idle = mayReuse ? endpoint.takeIdle(idleMs, this) : undefined
    const upstream = idle ?? endpoint.connect(this)
    this.#upstream = upstream
    if (this.#logged) this.#logged.endpoint = endpoint
    endpoint.requestBegins()
    this.#phase = upstream.isConnected ? 'waiting' : 'connecting'
    this.#connectingSeconds = 0
    const flows = upstream.write(message)
    if (this.#phase === 'waiting') this.#sent()
    if (this.wantsBody && (this.#phase === 'connecting' || !flows)) this.#client.socket.pause()
  }

  /** From here on only a request that may run twice, and is all there, can be sent again. */
  #sent(): void {
    if (!this.#isIdempotent || this.wantsBody) this.#message = undefined
  }

  #headBytes(chunk: Buffer): void {
    const bytes = this.#held.isEmpty ? chunk : this.#held.append(chunk)
    const outcome = this.#answerHead.parse(bytes)
    if (outcome === 'more') {
      if (this.#held.isEmpty) this.#held.append(chunk)
    } else if (outcome === 'done') {
      this.#headDone(this.#held.isEmpty ? bytes : this.#held.release())
    } else {
      this.#noAnswer('the endpoint answered with a malformed head')
    }
  }

  #headDone(bytes: Buffer): void {
    const head = this.#answerHead
    const { status } = head
    if (status === 101 || (this.#method === 'CONNECT' && status >= 200 && status < 300)) {
      this.#switch(bytes)
      return
    }
    if (status < 200) {
      this.#interim(bytes, head.end)
      return
    }
    this.#count(status < 600 ? Math.floor(status / 100) : 0)
    this.#framing = responseFraming(head, this.#method)
    this.#answer.begin(this.#framing, head.contentLength ?? 0)
    this.#isInBody = true
    this.#bodyBytes(bytes, head.end)
  }

  #count(statusClass: number): void {
    this.#upstream?.endpoint.count(statusClass, performance.now() - this.#beganMs)
  }

  /** 1xx: the answer is still to come. */
  #interim(bytes: Buffer, end: number): void {
    if (this.#answerHead.status === 100) this.#awaitsContinue = false
    this.#answerHead.reset()
    this.#forward(bytes.subarray(0, end))
    if (end < bytes.length) this.#headBytes(bytes.subarray(end))
  }

  #bodyBytes(bytes: Buffer, from: number): void {
    const end = this.#answer.take(bytes, from)
    if (end < 0) {
      this.#died()
      return
    }
    this.#forward(end === bytes.length ? bytes : bytes.subarray(0, end))
    if (this.#answer.isDone) this.#answered(end === bytes.length)
  }

  #forward(bytes: Buffer): void {
    if (this.#logged) this.#logged.bytes += bytes.length
    if (!writeTo(this.#client.socket, bytes)) this.#upstream?.socket.pause()
  }

  /** All of the answer has left the endpoint. What is missing of the request still goes there. */
  #answered(isClean: boolean): void {
    this.#upstream?.endpoint.requestEnds()
    this.#phase = 'answered'
    const head = this.#answerHead
    this.#endLog(head.status)
    if (!head.isPersistent || this.#framing === 'until-close') this.#clientPersists = false
    if (!isClean || !head.isPersistent) this.#drop()
    // Nobody knows whether a client that was told no still sends its body.
    if (this.wantsBody && this.#awaitsContinue) this.#clientPersists = false
    if (!this.wantsBody || !this.#clientPersists) this.#complete()
  }

  #complete(): void {
    const upstream = this.#upstream
    const persists = this.#clientPersists
    const isWhole = !this.wantsBody
    this.#reset()
    if (upstream && isWhole && upstream.socket.writableLength === 0) {
      upstream.socket.resume()
      upstream.endpoint.release(upstream)
    } else {
      upstream?.destroy()
    }
    this.#client.exchangeDone(persists)
  }

  #switch(bytes: Buffer): void {
    const upstream = this.#upstream
    const isAsked = this.#isUpgrade || this.#method === 'CONNECT'
    if (!upstream || !isAsked || this.wantsBody) {
      this.#noAnswer('the endpoint switched protocols unasked')
      return
    }
    this.#count(this.#answerHead.status === 101 ? 1 : 2)
    upstream.endpoint.requestEnds()
    this.#endLog(this.#answerHead.status)
    this.#reset()
    this.#client.becomeStream(upstream, bytes)
  }

  /** The connection to the endpoint failed, at whatever point. */
  #died(): void {
    const phase = this.#phase
    if (phase === 'answered') {
      this.#drop()
      return
    }
    if (phase === 'responding' && this.#isInBody) {
      this.clientGone()
      this.#client.abort()
      return
    }
    const upstream = this.#detach()
    upstream?.destroy()
    if (upstream && phase === 'connecting') this.#tried.push(upstream.endpoint)
    if (this.#message && this.#attempts < attemptsMax) this.#attempt(false)
    else this.#noAnswer('the endpoint closed the connection without an answer', upstream)
  }

  #giveUp(): void {
    const { text } = this.#service ?? { text: 'unknown' }
    const last = this.#tried.at(-1)
    last?.count(0)
    if (last) this.#refuse(502, `no endpoint of Service ${text} could be reached`)
    else this.#refuse(503, `Service ${text} has no ready endpoint`)
  }

  #noAnswer(reason: string, upstream = this.#upstream): void {
    upstream?.endpoint.count(0)
    this.#refuse(502, reason)
  }

  #refuse(status: number, reason: string): void {
    const hasBegun = this.#isInBody
    if (!hasBegun) this.#endLog(status)
    this.clientGone()
    if (hasBegun) this.#client.abort()
    else this.#client.refuse(status, reason)
  }

  /** The endpoint is done with; the client may not be. */
  #drop(): void {
    this.#upstream?.destroy()
    this.#upstream = undefined
    if (this.wantsBody) this.#client.resumeReading()
  }

  #detach(): Upstream | undefined {
    const upstream = this.#upstream
    this.#upstream = undefined
    if (upstream && this.#phase !== 'answered') upstream.endpoint.requestEnds()
    return upstream
  }

  #reset(): void {
    this.#upstream = undefined
    this.#message = undefined
    this.#phase = 'idle'
    this.#held.release()
  }

  #beginLog({ accessLog, text }: ServicePort, head: Buffer): void {
    if (!accessLog) return
    const client = this.#client.socket.remoteAddress ?? ''
    const facts = { client, service: text, method: this.#method, head, beganMs: this.#beganMs }
    this.#logged = new LoggedRequest(accessLog, facts)
  }

  /** The proxy's own answers count as whole. */
  #endLog(status: number, isWhole = true): void {
    this.#logged?.end(status, isWhole)
    this.#logged = undefined
  }

  #isUpstreamBlocked(): boolean {
    return this.#upstream?.socket.writableNeedDrain ?? false
  }
}
