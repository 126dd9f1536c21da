import { once } from 'node:events'
import { forbiddenValue, invalidValue } from '../../api/field-errors.ts'
import type { ObjectKey } from '../../api/object.ts'
import type { LogOptions } from '../../api/seams.ts'
import { type FieldError, invalid } from '../../api/status-error.ts'
import type { Caller } from '../operations.ts'
import type { Exchange } from './exchange.ts'
import { booleanOf, integerOf } from './options.ts'
import { isGone, sendBytes, startStream } from './respond.ts'

/** Where logs come from: the API server itself, which knows the pod and asks its node. */
export interface PodLogs {
  podLog(
    caller: Caller,
    key: ObjectKey,
    options: Partial<LogOptions>,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>
}

/** Integers of the query, and the least that each may be. */
const leastValues = { tailLines: 0, sinceSeconds: 1, limitBytes: 1 } as const

/** The query of `/log` (H-18). Throws BadRequest, Invalid. */
export function logOptions(query: URLSearchParams): Partial<LogOptions> {
  const errors: FieldError[] = []
  const numbers: Record<string, number> = {}
  for (const [field, least] of Object.entries(leastValues)) {
    const value = integerOf(query, field)
    if (value === undefined) continue
    numbers[field] = value
    const bound = least === 0 ? 'must be greater than or equal to 0' : 'must be greater than 0'
    if (value < least) errors.push(invalidValue(field, value, bound))
  }
  const sinceTime = query.get('sinceTime')
  if (sinceTime && numbers.sinceSeconds !== undefined) {
    const why = 'at most one of `sinceTime` or `sinceSeconds` may be specified'
    errors.push(forbiddenValue('', why))
  }
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, '', errors)
  const container = query.get('container')
  return {
    ...numbers,
    ...(container && { container }),
    ...(sinceTime && { sinceTime }),
    follow: booleanOf(query, 'follow'),
    previous: booleanOf(query, 'previous'),
    timestamps: booleanOf(query, 'timestamps'),
  }
}

/** Streams a container's log. What goes wrong before the first byte is an ordinary error. */
export async function servePodLog(
  exchange: Exchange,
  logs: PodLogs,
  key: ObjectKey,
): Promise<void> {
  const { caller, query, response, signal } = exchange
  const chunks = logs.podLog(caller, key, logOptions(query), signal)[Symbol.asyncIterator]()
  let chunk = await chunks.next()
  if (chunk.done) return sendBytes(response, '', { contentType: 'text/plain' })
  startStream(response, 'text/plain')
  for (; !chunk.done && !isGone(response); chunk = await chunks.next()) {
    if (!response.write(chunk.value)) await drained(exchange)
  }
  await chunks.return?.()
  response.end()
}

/** Room again, or nobody is there any more: the loop sees which. */
async function drained({ response, signal }: Exchange): Promise<void> {
  await once(response, 'drain', { signal }).catch(() => {})
}
