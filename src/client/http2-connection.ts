import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import type { Clock, Timer } from '../base/clock.ts'
import type { Context } from '../base/context.ts'
import { ConnectionError, connectFailure, connectionLost } from './connection-error.ts'
import type { ClusterAccess } from './kubeconfig.ts'

const connectMsMax = 30_000
const pingEveryMs = 30_000
const pingMsMax = 15_000
const streamWindow = 4 * 1024 * 1024
const sessionWindow = 4 * streamWindow
const sessionMemoryMb = 512

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** Ends the request, or the reading of its answer, without an error. */
  readonly signal?: AbortSignal | undefined
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Throws ConnectionError when it breaks off; ends early when the request's signal aborts. */
  readonly body: AsyncIterable<Buffer>
}

/**
 * One HTTP/2 session to a server, opened when it is needed and again after it was lost. All
 * requests and watches share it. A request that the server cannot have begun to process, and any
 * GET, is sent a second time when the session breaks.
 */
export class Http2Connection {
  readonly hostPort: string
  readonly #clock: Clock
  readonly #access: Pick<ClusterAccess, 'server' | 'tls'>
  readonly #prefix: string
  #session: Promise<ClientHttp2Session> | undefined
  #isClosed = false

  constructor({ clock }: Pick<Context, 'clock'>, access: Pick<ClusterAccess, 'server' | 'tls'>) {
    const { hostname, port, protocol, pathname } = new URL(access.server)
    this.hostPort = `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
    this.#clock = clock
    this.#access = access
    this.#prefix = pathname.replace(/\/$/, '')
  }

  /** Resolves when the head of the answer is there. Rejects with ConnectionError. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.#attempt(request)
    } catch (error) {
      if (!(error instanceof Unanswered) || request.signal?.aborted) throw error
      if (!error.isUnprocessed && request.method !== 'GET') throw error
    }
    return this.#attempt(request)
  }

  /** Breaks off what is under way. */
  close(): void {
    this.#isClosed = true
    this.#session?.then((session) => session.destroy()).catch(() => {})
  }

  async #attempt(request: HttpRequest): Promise<HttpAnswer> {
    const session = await this.#openSession()
    const path = this.#prefix + request.path
    const headers = { ...request.headers, ':method': request.method, ':path': path }
    const stream = session.request(headers, { endStream: request.body === undefined })
    if (request.body !== undefined) stream.end(request.body)
    if (request.signal) cancelOn(request.signal, stream)
    return this.#answer(stream, request.signal)
  }

  #answer(stream: ClientHttp2Stream, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      let cause: Error | undefined
      stream.on('error', (error) => {
        cause = error
      })
      const unanswered = () => {
        const isUnprocessed = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM
        reject(new Unanswered(this.hostPort, cause, isUnprocessed))
      }
      stream.once('close', unanswered)
      stream.once('response', ({ ':status': status = 0, ...headers }) => {
        stream.removeListener('close', unanswered)
        resolve({ status, headers, body: this.#body(stream, signal) })
      })
    })
  }

  async *#body(stream: ClientHttp2Stream, signal: AbortSignal | undefined) {
    try {
      for await (const chunk of stream) yield chunk as Buffer
    } catch (error) {
      if (signal?.aborted) return
      throw connectionLost(this.hostPort, error as Error)
    }
    // A stream that a dying session takes with it ends like one that is complete, but for this.
    if (stream.rstCode !== constants.NGHTTP2_NO_ERROR && !signal?.aborted) {
      throw connectionLost(this.hostPort)
    }
  }

  async #openSession(): Promise<ClientHttp2Session> {
    for (;;) {
      if (this.#isClosed) throw new ConnectionError('this client has been closed')
      this.#session ??= this.#connect()
      const opening = this.#session
      const session = await opening
      if (!session.closed && !session.destroyed) return session
      // Its end has not been announced yet.
      if (this.#session === opening) this.#session = undefined
    }
  }

  #connect(): Promise<ClientHttp2Session> {
    const { server, tls } = this.#access
    const session = connect(server, {
      ...(tls.ca && { ca: tls.ca }),
      ...(tls.cert && { cert: tls.cert, key: tls.key }),
      ...(tls.serverName !== undefined && { servername: tls.serverName }),
      rejectUnauthorized: !tls.isInsecure,
      settings: { enablePush: false, initialWindowSize: streamWindow },
      maxSessionMemory: sessionMemoryMb,
    })
    const forget = () => {
      if (this.#session === opening) this.#session = undefined
    }
    const opening = this.#connected(session).catch((error) => {
      forget()
      throw error
    })
    session.once('goaway', forget)
    session.once('close', forget)
    return opening
  }

  #connected(session: ClientHttp2Session): Promise<ClientHttp2Session> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => {
        session.destroy(new Error(`no answer within ${connectMsMax / 1000} s`))
      }, connectMsMax)
      // Stays: after the connection stands, errors show on the streams.
      session.on('error', (error) => reject(connectFailure(this.hostPort, error)))
      session.once('close', () => {
        timer.cancel()
        reject(connectionLost(this.hostPort))
      })
      session.once('connect', () => {
        timer.cancel()
        session.setLocalWindowSize(sessionWindow)
        keepAlive(this.#clock, session)
        resolve(session)
      })
    })
  }
}

/** There was no answer, not even its head. */
class Unanswered extends ConnectionError {
  /** The server certainly did not act on the request. */
  readonly isUnprocessed: boolean

  constructor(hostPort: string, cause: Error | undefined, isUnprocessed: boolean) {
    super(connectionLost(hostPort, cause).message)
    this.isUnprocessed = isUnprocessed
  }
}

function cancelOn(signal: AbortSignal, stream: ClientHttp2Stream): void {
  const cancel = () => stream.close(constants.NGHTTP2_CANCEL)
  if (signal.aborted) cancel()
  signal.addEventListener('abort', cancel)
  stream.once('close', () => signal.removeEventListener('abort', cancel))
}

/** A peer that vanished without a word (sleep, network change) is noticed by an unanswered ping. */
function keepAlive(clock: Clock, session: ClientHttp2Session): void {
  let timer: Timer
  const schedule = () => {
    timer = clock.setTimeout(ping, pingEveryMs)
  }
  const ping = () => {
    timer = clock.setTimeout(() => session.destroy(new Error('no answer to a ping')), pingMsMax)
    session.ping((error) => {
      timer.cancel()
      if (!error) schedule()
    })
  }
  session.once('close', () => timer.cancel())
  schedule()
}
