import type { Status } from '../api/generated/types.ts'
import { isJsonObject, type JsonValue, parseJson } from '../api/json.ts'
import { StatusError, type StatusReason } from '../api/status-error.ts'

const reasons: Readonly<Record<number, StatusReason>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** The Status in a parsed body; undefined for anything else. */
export function statusOf(body: JsonValue | undefined): Status | undefined {
  return isJsonObject(body) && body.kind === 'Status' ? (body as unknown as Status) : undefined
}

/**
 * The error that a Status reports; by its code where the reason is absent or of old (`Gone` for
 * 410).
 */
export function errorOfStatus(status: Status): StatusError {
  const isOld = status.reason === undefined || status.reason === 'Gone'
  const reason = isOld ? reasons[status.code ?? 0] : status.reason
  return StatusError.fromStatus({ ...status, ...(reason && { reason }) })
}

/**
 * The error of an answer whose code is no success: the Status in its body, else one made from the
 * code.
 */
export function errorOfAnswer(code: number, text: string, retryAfter?: string): StatusError {
  const status = statusOf(parseIfJson(text))
  if (status) return errorOfStatus(status)
  const retryAfterSeconds = Number(retryAfter)
  return new StatusError(
    reasons[code] ?? 'InternalError',
    messageOf(code, text),
    retryAfterSeconds > 0 ? { retryAfterSeconds } : undefined,
  )
}

function parseIfJson(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function messageOf(code: number, text: string): string {
  if (code === 401) return 'the server has asked for the client to provide credentials'
  if (code === 404) return 'the server could not find the requested resource'
  const quoted = JSON.stringify(text.trim() || `HTTP ${code}`)
  return `an error on the server (${quoted}) has prevented the request from succeeding`
}
