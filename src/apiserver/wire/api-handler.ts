import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { JsonValue } from '../../api/json.ts'
import { anonymous, type Identity } from '../auth/identity.ts'
import { accessesOf } from './access-request.ts'
import { createAuthenticator, isPublicPath } from './authentication.ts'
import { Documents } from './documents.ts'
import { type Exchange, headerOf, type UpgradableConnection } from './exchange.ts'
import { serveHealth } from './health.ts'
import { impersonated } from './impersonation.ts'
import { serveIssuer } from './issuer.ts'
import { ResourceHandler, type ResourceHandlerOptions, unknownPath } from './resource-handler.ts'
import { sendError, sendJson } from './respond.ts'

/** Answers a path that is not part of the Kubernetes API. Throws StatusError. */
export type ExtraHandler = (exchange: Exchange) => Promise<JsonValue>

export interface ApiHandlerOptions extends ResourceHandlerOptions {
  /** By path, exact, without the query: `/astern/v1/traffic`. */
  readonly extraPaths: Readonly<Record<string, ExtraHandler>>
  readonly isReady: () => boolean
  /** Aborts when the server closes: ends watches and followed logs. */
  readonly closing: AbortSignal
}

export type HttpHandler = (
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  upgrade?: UpgradableConnection,
) => Promise<void>

/** From one HTTP request to its answer: who asks, what for, and errors as Status. Never rejects. */
export function createApiHandler(options: ApiHandlerOptions): HttpHandler {
  const documents = new Documents(options.served)
  const resources = new ResourceHandler(options)
  const { operations, context } = options
  const { log } = context
  const identify = createAuthenticator(operations)

  const route = async (exchange: Exchange): Promise<void> => {
    const { method, path, response } = exchange
    if (method === 'GET' || method === 'HEAD') {
      if (serveHealth(exchange, options.isReady) || (await documents.serve(exchange))) return
      if (await serveIssuer(exchange, operations)) return
    }
    const extra = Object.hasOwn(options.extraPaths, path) ? options.extraPaths[path] : undefined
    if (extra) return sendJson(response, await extra(exchange))
    if (!/^\/apis?\//.test(path)) throw unknownPath()
    return resources.handle(exchange)
  }

  /** Nobody learns what exists before it is sure that he may. */
  const authorize = (exchange: Exchange): void => {
    if (isPublicPath(exchange.path)) return
    for (const access of accessesOf(exchange)) operations.authorize(exchange.caller, access)
  }

  return async (request, response, upgrade) => {
    const arrived = { ...exchangeOf(request, response, options.closing), upgrade }
    request.on('error', () => {})
    response.on('error', () => {})
    try {
      const asker = await identify(request, arrived.path)
      const caller = callerOf(request, impersonated(request, asker, operations))
      const exchange = { ...arrived, caller }
      authorize(exchange)
      await route(exchange)
    } catch (error) {
      sendError(arrived, error, log)
    }
  }
}

function callerOf(request: Http2ServerRequest, identity: Identity): Exchange['caller'] {
  return { ...identity, userAgent: headerOf(request, 'user-agent') ?? '' }
}

function exchangeOf(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  closing: AbortSignal,
): Omit<Exchange, 'upgrade'> {
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  const gone = new AbortController()
  const abort = () => gone.abort()
  closing.addEventListener('abort', abort, { once: true })
  response.on('close', () => {
    closing.removeEventListener('abort', abort)
    gone.abort()
  })
  return {
    request,
    response,
    method: request.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    caller: callerOf(request, anonymous),
    signal: gone.signal,
  }
}
