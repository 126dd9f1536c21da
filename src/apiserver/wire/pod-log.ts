import type { Pod } from '../../api/generated/types.ts'
import { pods } from '../../api/scheme.ts'
import type { LogOptions, PodConnector } from '../../api/seams.ts'
import { badRequest, type FieldError, invalid, StatusError } from '../../api/status-error.ts'
import type { Operations } from '../operations.ts'
import type { Exchange } from './exchange.ts'
import { booleanOf, integerOf } from './options.ts'
import { isGone, sendBytes, startStream } from './respond.ts'

function atLeast(
  query: URLSearchParams,
  field: string,
  min: 0 | 1,
): { value?: number; errors: readonly FieldError[] } {
  const value = integerOf(query, field)
  if (value === undefined) return { errors: [] }
  if (value >= min) return { value, errors: [] }
  const bound = min === 0 ? 'greater than or equal to 0' : 'greater than 0'
  const body = `Invalid value: ${value}: must be ${bound}`
  return { errors: [{ reason: 'FieldValueInvalid', field, body }] }
}

type Numbers = Pick<LogOptions, 'tailLines' | 'sinceSeconds' | 'limitBytes'>

function numbersOf(query: URLSearchParams): Numbers {
  const bounds = { tailLines: 0, sinceSeconds: 1, limitBytes: 1 } as const
  const errors: FieldError[] = []
  const values: Record<string, number> = {}
  for (const [field, min] of Object.entries(bounds)) {
    const { value, errors: found } = atLeast(query, field, min)
    errors.push(...found)
    if (value !== undefined) values[field] = value
  }
  if (query.get('sinceTime') && values.sinceSeconds !== undefined) {
    const body = 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified'
    errors.push({ reason: 'FieldValueForbidden', field: '', body })
  }
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, '', errors)
  return values
}

/** The container asked for, or the only one (H-18). Throws BadRequest with the choice. */
export function containerOf({ metadata, spec }: Pod, asked: string | null): string {
  const names = (spec?.containers ?? []).map(({ name }) => name)
  const initNames = (spec?.initContainers ?? []).map(({ name }) => name)
  if (asked) {
    if (names.includes(asked) || initNames.includes(asked)) return asked
    throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`)
  }
  const [only] = names
  if (only !== undefined && names.length === 1) return only
  const init =
    initNames.length === 0 ? '' : ` or one of the init containers: [${initNames.join(' ')}]`
  throw badRequest(
    `a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]${init}`,
  )
}

/** The query of `/log` (H-18). Throws BadRequest, Invalid. */
export function logOptions(query: URLSearchParams, pod: Pod): LogOptions {
  const sinceTime = query.get('sinceTime')
  return {
    container: containerOf(pod, query.get('container')),
    follow: booleanOf(query, 'follow'),
    previous: booleanOf(query, 'previous'),
    timestamps: booleanOf(query, 'timestamps'),
    ...numbersOf(query),
    ...(sinceTime && { sinceTime }),
  }
}

interface LogTarget {
  readonly operations: Operations
  readonly podConnector: PodConnector | undefined
  readonly namespace: string
  readonly name: string
}

/** Streams a container's log. What goes wrong before the first byte is an ordinary error. */
export async function servePodLog(exchange: Exchange, target: LogTarget): Promise<void> {
  const { operations, podConnector, namespace, name } = target
  const { caller, query, response, signal } = exchange
  const { object } = await operations.get(caller, pods, { namespace, name })
  const pod = object as Pod
  const options = logOptions(query, pod)
  if (!podConnector) {
    throw new StatusError('ServiceUnavailable', 'no node agent is connected: logs cannot be read')
  }
  const chunks = podConnector.log(pod, options, signal)[Symbol.asyncIterator]()
  let chunk = await chunks.next()
  if (chunk.done) return sendBytes(response, '', { contentType: 'text/plain' })
  startStream(response, 'text/plain')
  for (; !chunk.done && !isGone(response); chunk = await chunks.next()) {
    if (response.write(chunk.value)) continue
    await drained(exchange)
  }
  await chunks.return?.()
  response.end()
}

function drained({ response, signal }: Exchange): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
