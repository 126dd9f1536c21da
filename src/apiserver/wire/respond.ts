import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import { pipeline } from 'node:stream'
import { createGzip, constants as zlib } from 'node:zlib'
import { stringifyJson } from '../../api/json.ts'
import { StatusError } from '../../api/status-error.ts'
import type { Logger } from '../../base/log.ts'
import { CommitFailed } from '../../store/store.ts'
import { type Exchange, headerOf } from './exchange.ts'
import { warningHeaders } from './warning-header.ts'

export interface AnswerOptions {
  readonly code?: number
  readonly warnings?: readonly string[]
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

function writeHead(response: Http2ServerResponse, options: AnswerOptions): void {
  const { code = 200, warnings = [], contentType = 'application/json', headers = {} } = options
  response.statusCode = code
  response.setHeader('content-type', contentType)
  response.setHeader('cache-control', 'no-cache, private')
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  warn(response, warnings)
}

/** Adds Warnings to an answer that has not begun (H-21). */
export function warn(response: Http2ServerResponse, warnings: readonly string[]): void {
  const texts = warningHeaders(warnings)
  if (texts.length === 0) return
  const earlier = response.getHeader('warning') as string | readonly string[] | undefined
  response.setHeader('warning', [...[earlier ?? []].flat(), ...texts])
}

/** Sends the headers of an answer whose body follows bit by bit, maybe much later. */
export function startStream(response: Http2ServerResponse, contentType: string): void {
  writeHead(response, { contentType })
  // Http2ServerResponse has the method too, though its type does not say so.
  const { flushHeaders } = response as Partial<Pick<ServerResponse, 'flushHeaders'>>
  flushHeaders?.call(response)
}

/** A body that is at hand as a whole. */
export function sendBytes(
  response: Http2ServerResponse,
  body: Uint8Array | string,
  options: AnswerOptions = {},
): void {
  if (isGone(response) || response.headersSent) return
  writeHead(response, options)
  response.setHeader('content-length', `${Buffer.byteLength(body)}`)
  response.end(body)
}

export function sendJson(
  response: Http2ServerResponse,
  value: unknown,
  options: AnswerOptions = {},
): void {
  sendBytes(response, stringifyJson(value), options)
}

export function sendText(response: Http2ServerResponse, text: string, code = 200): void {
  sendBytes(response, text, {
    code,
    contentType: 'text/plain; charset=utf-8',
    headers: { 'x-content-type-options': 'nosniff' },
  })
}

/**
 * The Status of an error. A disk that takes no writes is told as such; anything else that is
 * no StatusError is a fault of ours: logged, and told without its text.
 */
export function statusOf(error: unknown, log: Logger): StatusError {
  if (error instanceof StatusError) return error
  const stack = error instanceof Error ? error.stack : String(error)
  log.error('a request failed for a reason inside the server', { stack })
  if (error instanceof CommitFailed) return internalError(error.message, error.message)
  return internalError(
    'the server met an unexpected condition; see its log',
    'unexpected condition',
  )
}

function internalError(text: string, cause: string): StatusError {
  const message = `Internal error occurred: ${text}`
  return new StatusError('InternalError', message, { causes: [{ message: cause }] })
}

/**
 * Sends the error as a Status; after the headers have gone, all that is left is to cut the answer
 * off.
 */
export function sendError({ response }: Exchange, error: unknown, log: Logger): void {
  const status = statusOf(error, log)
  if (isGone(response)) return
  if (response.headersSent) {
    cutOff(response)
    return
  }
  const retryAfter = status.details?.retryAfterSeconds
  sendJson(response, status.toStatus(), {
    code: status.code,
    ...(retryAfter !== undefined && { headers: { 'retry-after': `${retryAfter}` } }),
  })
}

/** True when nobody reads the answer any more. */
export function isGone(response: Http2ServerResponse): boolean {
  return response.stream ? response.stream.destroyed : response.destroyed
}

/** Ends an answer so that the client sees it is not whole. */
export function cutOff(response: Http2ServerResponse): void {
  if (response.stream) response.stream.close(0x2 /* INTERNAL_ERROR */)
  else response.destroy()
}

/** Upstream's bound below which an answer is not worth compressing. */
export const compressedBytesMin = 128 * 1024

/**
 * One write, and with it the time for which a long list holds the event loop (benchmark 11: at
 * most 10 ms).
 */
const sliceBytes = compressedBytesMin

/** The pieces joined to slices of at least `sliceBytes`, except for the last. */
function* slices(pieces: Iterable<Uint8Array | string>): Generator<Buffer> {
  let pending: Uint8Array[] = []
  let length = 0
  let text = ''
  const take = (bytes: Uint8Array) => {
    pending.push(bytes)
    length += bytes.length
  }
  const join = () => {
    if (text !== '') take(Buffer.from(text))
    const slice = Buffer.concat(pending, length)
    pending = []
    length = 0
    text = ''
    return slice
  }
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece
    else {
      if (text !== '') take(Buffer.from(text))
      text = ''
      take(piece)
    }
    if (length + text.length >= sliceBytes) yield join()
  }
  if (length + text.length > 0) yield join()
}

/**
 * Resolves when `stream` takes more, or is gone; at the earliest when the event loop has turned.
 */
function readyForMore(stream: NodeJS.WritableStream, isFull: boolean): Promise<void> {
  if (!isFull) return new Promise((resolve) => setImmediate(resolve))
  return new Promise((resolve) => {
    const finish = () => {
      stream.removeListener('drain', finish)
      stream.removeListener('close', finish)
      resolve()
    }
    stream.on('drain', finish)
    stream.on('close', finish)
  })
}

/**
 * A body made of many pieces, such as a list of cached bytes: sent in slices, waiting for the
 * client, so that neither memory nor the event loop is held. Compressed when it is long and the
 * client asks for it.
 */
export async function sendPieces(
  { request, response }: Exchange,
  pieces: Iterable<Uint8Array | string>,
): Promise<void> {
  const iterator = slices(pieces)
  let slice = iterator.next()
  if (slice.done || slice.value.length < sliceBytes) return sendBytes(response, slice.value ?? '')
  const isGzip = acceptsGzip(request)
  writeHead(response, isGzip ? { headers: { ...gzipEncoding, vary: 'accept-encoding' } } : {})
  const sink = isGzip ? gzipInto(response) : response
  for (; !slice.done && !isGone(response); slice = iterator.next()) {
    await readyForMore(sink, !sink.write(slice.value))
  }
  sink.end()
}

export const gzipEncoding = { 'content-encoding': 'gzip' } as const

export function acceptsGzip(request: Exchange['request']): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(
    headerOf(request, 'accept-encoding') ?? '',
  )
}

function gzipInto(response: Http2ServerResponse): NodeJS.WritableStream {
  const gzip = createGzip({ level: zlib.Z_BEST_SPEED })
  pipeline(gzip, response, () => {})
  return gzip
}
