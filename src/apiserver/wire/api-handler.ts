import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { JsonValue } from '../../api/json.ts'
import type { Access } from '../auth/access.ts'
import { anonymous, type Identity } from '../auth/identity.ts'
import { accessesOf } from './access-request.ts'
import type { AuditLog } from './audit/audit-log.ts'
import { AuditTrail } from './audit/audit-trail.ts'
import { createAuthenticator, isPublicPath } from './authentication.ts'
import { Documents } from './documents.ts'
import { discardBody, type Exchange, headerOf, type UpgradableConnection } from './exchange.ts'
import { serveHealth } from './health.ts'
import { impersonated } from './impersonation.ts'
import { InFlight, type Load } from './in-flight.ts'
import { serveIssuer } from './issuer.ts'
import { booleanOf } from './options.ts'
import { ResourceHandler, type ResourceHandlerOptions, unknownPath } from './resource-handler.ts'
import { isGone, sendBytes, sendError, sendJson } from './respond.ts'
import { streamParameters } from './served.ts'

/** Answers a path that is not part of the Kubernetes API. Throws StatusError. */
export type ExtraHandler = (exchange: Exchange) => Promise<JsonValue | TextAnswer>

/** An answer that is no JSON. */
export class TextAnswer {
  readonly text: string
  readonly contentType: string

  constructor(text: string, contentType: string) {
    this.text = text
    this.contentType = contentType
  }
}

export interface ApiHandlerOptions extends ResourceHandlerOptions {
  /** By path, exact, without the query: `/astern/v1/traffic`. */
  readonly extraPaths: Readonly<Record<string, ExtraHandler>>
  readonly isReady: () => boolean
  /** Aborts when the server closes: ends watches and followed logs. */
  readonly closing: AbortSignal
  readonly auditLog: AuditLog | undefined
}

export type HttpHandler = (
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  upgrade?: UpgradableConnection,
) => Promise<void>

/**
 * From one HTTP request to its answer: who asks, whether he may and whether there is room, what
 * for; errors as Status, and a line in the audit log. Never rejects.
 */
export function createApiHandler(options: ApiHandlerOptions): HttpHandler {
  const { operations, context, auditLog } = options
  const route = createRouter(options)
  const identify = createAuthenticator(operations)
  const inFlight = new InFlight(options.limits)

  const admit = (exchange: Exchange, identity: Identity, trail?: AuditTrail): void => {
    if (isPublicPath(exchange.path)) return
    const accesses = accessesOf(exchange)
    const [access] = accesses
    if (access) trail?.asked(access)
    for (const wanted of accesses) operations.authorize(identity, wanted)
    const load = loadOf(access, exchange)
    exchange.response.once('close', inFlight.enter(identity, load))
    if (load === 'lasting') trail?.lasting()
  }

  return async (request, response, upgrade) => {
    const arrived = { ...exchangeOf(request, response, options.closing), upgrade }
    const trail = auditLog && new AuditTrail(auditLog, context, arrived)
    request.on('error', () => {})
    response.on('error', () => {})
    try {
      const asker = await identify(request, arrived.path)
      if (isGone(response)) return
      const identity = impersonated(request, asker, operations)
      trail?.identified(asker, identity)
      const exchange = { ...arrived, caller: callerOf(request, identity), trail }
      admit(exchange, identity, trail)
      await route(exchange)
    } catch (error) {
      trail?.refused(error)
      sendError(arrived, error, context.log)
    }
    discardBody(request, options.limits.bodyBytesMax)
  }
}

function createRouter(options: ApiHandlerOptions): (exchange: Exchange) => Promise<void> {
  const documents = new Documents(options.served)
  const resources = new ResourceHandler(options)
  const { operations, extraPaths } = options
  return async (exchange) => {
    const { method, path, response } = exchange
    if (method === 'GET' || method === 'HEAD') {
      if (serveHealth(exchange, options.isReady) || (await documents.serve(exchange))) return
      if (await serveIssuer(exchange, operations)) return
    }
    const extra = Object.hasOwn(extraPaths, path) ? extraPaths[path] : undefined
    if (extra) return sendExtra(response, await extra(exchange))
    if (!/^\/apis?\//.test(path)) throw unknownPath()
    return resources.handle(exchange)
  }
}

function sendExtra(response: Http2ServerResponse, answer: JsonValue | TextAnswer): void {
  if (answer instanceof TextAnswer) sendBytes(response, answer.text, answer)
  else sendJson(response, answer)
}

/** Watches, connections into pods and followed logs last as long as the client likes. */
function loadOf(access: Access | undefined, { query }: Exchange): Load {
  if (access === undefined || 'path' in access) return 'reading'
  const { verb, subresource } = access
  const isFollowed = subresource === 'log' && booleanOf(query, 'follow')
  if (verb === 'watch' || isFollowed || Object.hasOwn(streamParameters, subresource)) {
    return 'lasting'
  }
  return verb === 'get' || verb === 'list' ? 'reading' : 'writing'
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
