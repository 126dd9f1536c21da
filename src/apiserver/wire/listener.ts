import { setMaxListeners } from 'node:events'
import { type IncomingMessage, ServerResponse } from 'node:http'
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type Http2Session,
  type SecureServerOptions,
} from 'node:http2'
import { type AddressInfo, createServer, isIPv6, type Server, type Socket } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import type { Context } from '../../base/context.ts'
import { findPortHolder } from '../../base/port-holder.ts'
import { createApiHandler, type ExtraHandler, type HttpHandler } from './api-handler.ts'
import type { AuditLog } from './audit/audit-log.ts'
import { defaultLimits, type Limits } from './limits.ts'
import type { Pki } from './pki.ts'
import type { ServedOperations } from './resource-handler.ts'
import { type ServedResource, servedResources } from './served.ts'

export interface ApiListenerOptions {
  /** The API server. */
  readonly operations: ServedOperations
  readonly context: Context
  readonly pki: Pick<Pki, 'caCertificate' | 'server'>
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Default: everything that the registry holds. */
  readonly served?: readonly ServedResource[]
  /** Endpoints besides the Kubernetes API, by exact path. */
  readonly extraPaths?: Readonly<Record<string, ExtraHandler>>
  /** What `/readyz` says; default: ready from the start. */
  readonly isReady?: () => boolean
  readonly limits?: Partial<Limits>
  /** Stays the caller's: `close` does not close it. */
  readonly auditLog?: AuditLog
}

export interface ApiListener {
  /** `https://127.0.0.1:6443` */
  readonly url: string
  readonly port: number
  /** Ends watches, lets other requests finish for up to five seconds, closes every connection. */
  close(): Promise<void>
}

/**
 * The port that was asked for cannot be had; the message says why, and who holds it where that is
 * known.
 */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  readonly code: string

  constructor(message: string, cause: NodeJS.ErrnoException) {
    super(message, { cause })
    this.code = cause.code ?? ''
  }
}

const closeGraceMs = 5000

/** Serves the API over TLS, HTTP/2 and HTTP/1.1 on one port. Rejects with ListenError. */
export async function createApiListener(options: ApiListenerOptions): Promise<ApiListener> {
  const { context, pki, host } = options
  const limits = { ...defaultLimits, ...options.limits }
  const closing = new AbortController()
  // Every request that is open listens, however many there are.
  setMaxListeners(0, closing.signal)
  const handler = createApiHandler({
    operations: options.operations,
    context,
    limits,
    served: options.served ?? servedResources(),
    extraPaths: options.extraPaths ?? {},
    isReady: () => !closing.signal.aborted && (options.isReady?.() ?? true),
    closing: closing.signal,
    auditLog: options.auditLog,
  })
  const server = createSecureServer(serverOptions(pki, limits))
  server.maxConnections = limits.connectionsMax
  const connections = new Connections(server, handler)
  const port = await listen(server, host, options.port)
  return {
    url: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    port,
    async close() {
      closing.abort()
      await connections.close(context.clock)
    },
  }
}

function serverOptions(pki: ApiListenerOptions['pki'], limits: Limits): SecureServerOptions {
  return {
    cert: pki.server.certificate,
    key: pki.server.key,
    ca: pki.caCertificate,
    allowHTTP1: true,
    // Anonymous access to health and version needs a handshake without a certificate.
    requestCert: true,
    rejectUnauthorized: false,
    maxHeaderSize: limits.headerBytesMax,
    maxSessionMemory: limits.connectionMegabytesMax,
    settings: {
      maxConcurrentStreams: limits.streamsMax,
      maxHeaderListSize: limits.headerBytesMax,
      initialWindowSize: 1024 * 1024,
    },
  } as SecureServerOptions
}

/** Whether `createApiListener` could have the port now; rejects with its ListenError. */
export async function checkPort({
  host,
  port,
}: Pick<ApiListenerOptions, 'host' | 'port'>): Promise<void> {
  const server = createServer()
  await listen(server, host, port)
  await new Promise((resolve) => server.close(resolve))
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port }, () => {
        server.removeListener('error', reject)
        resolve()
      })
    })
  } catch (error) {
    throw await explain(error as NodeJS.ErrnoException, host, port)
  }
  return (server.address() as AddressInfo).port
}

async function explain(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
): Promise<ListenError> {
  const place = `${host}:${port}`
  if (error.code === 'EADDRINUSE') {
    const holder = await findPortHolder(port)
    const who = holder ? `process ${holder.pid} (${holder.command})` : 'another process'
    const message = `cannot listen on ${place}: ${who} already does; stop it or choose another port`
    return new ListenError(message, error)
  }
  if (error.code === 'EACCES') {
    return new ListenError(`cannot listen on ${place}: this user may not use the port`, error)
  }
  return new ListenError(`cannot listen on ${place}: ${error.message}`, error)
}

/** What is open, so that closing can end it. */
class Connections {
  readonly #server: Http2SecureServer
  readonly #sockets = new Set<Socket>()
  readonly #sessions = new Set<Http2Session>()
  #active = 0
  #whenIdle: (() => void) | undefined

  constructor(server: Http2SecureServer, handler: HttpHandler) {
    this.#server = server
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
    })
    server.on('session', (session) => {
      this.#sessions.add(session)
      session.on('error', () => {})
      session.on('close', () => this.#sessions.delete(session))
    })
    server.on('request', (request, response) => {
      this.#count(response)
      void handler(request, response)
    })
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      const response = responseOn(socket, request)
      this.#count(response)
      void handler(request as unknown as Http2ServerRequest, response, { socket, head })
    })
  }

  #count(response: Http2ServerResponse): void {
    this.#active++
    response.on('close', () => {
      this.#active--
      if (this.#active === 0) this.#whenIdle?.()
    })
  }

  async close(clock: Clock): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const session of this.#sessions) session.close()
    await this.#idle(clock)
    for (const session of this.#sessions) session.destroy()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** Resolves when no request is open, at the latest after the grace. */
  #idle(clock: Clock): Promise<void> {
    if (this.#active === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, closeGraceMs)
      this.#whenIdle = () => {
        timer.cancel()
        resolve()
      }
    })
  }
}

/** For an upgrade that is refused, or ignored as HTTP allows: an answer, and then the end. */
function responseOn(socket: Socket, request: IncomingMessage): Http2ServerResponse {
  const response = new ServerResponse(request)
  socket.on('error', () => socket.destroy())
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.once('finish', () => socket.end())
  return response as unknown as Http2ServerResponse
}
