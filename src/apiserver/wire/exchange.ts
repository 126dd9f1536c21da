import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { KubeObject } from '../../api/object.ts'
import { StatusError } from '../../api/status-error.ts'
import type { Caller } from '../operations.ts'

/** The connection of a request that asks to speak something else than HTTP/1.1 from here on. */
export interface UpgradableConnection {
  readonly socket: Duplex
  /** What has come after the request already. */
  readonly head: Buffer
}

/**
 * One request and its answer. Over HTTP/1.1 the two objects are of `node:http`, with the same
 * members as far as they are used here.
 */
export interface Exchange {
  readonly request: Http2ServerRequest
  readonly response: Http2ServerResponse
  readonly method: string
  /** Without the query, still percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  readonly caller: Caller
  /** Aborts when the client is gone or the server closes. */
  readonly signal: AbortSignal
  /** Set when the client asks for an upgrade; it may be answered as any other request, too. */
  readonly upgrade: UpgradableConnection | undefined
  /** Is told what the audit log cannot see: the name of a new object. */
  readonly trail?: { created(object: KubeObject): void } | undefined
}

/** A single header value; undefined when absent. */
export function headerOf(request: Http2ServerRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/** After this many bytes beyond the bound the client is cut off instead of being heard out. */
const drainedFactor = 16

/**
 * The whole body. Throws RequestEntityTooLarge (413) beyond `bytesMax`; what follows is read and
 * dropped, so that the client gets to read the answer.
 */
export async function readBody(request: Http2ServerRequest, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= bytesMax) chunks.push(chunk)
    else chunks.length = 0
    if (length > bytesMax * drainedFactor) break
  }
  if (length <= bytesMax) return Buffer.concat(chunks)
  throw new StatusError(
    'RequestEntityTooLarge',
    `Request entity is too large: limit is ${bytesMax}`,
  )
}

/**
 * Hears out a request that was answered without its body. HTTP/2 counts what nobody reads against
 * the whole connection, until it takes no more requests; whoever goes on for too long is cut off.
 */
export function discardBody(request: Http2ServerRequest, bytesMax: number): void {
  if (request.readableEnded || request.destroyed || !request.stream) return
  let length = 0
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > bytesMax * drainedFactor) request.stream.close(constants.NGHTTP2_NO_ERROR)
  })
  request.resume()
}
