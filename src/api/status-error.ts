import type { Status, StatusCause } from './generated/types.ts'
import { qualifiedKind, qualifiedPlural, type Resource } from './resource.ts'

/** The `reason` of a Status: what a client may branch on (never on the message). */
export type StatusReason =
  | 'AlreadyExists'
  | 'BadRequest'
  | 'Conflict'
  | 'Expired'
  | 'Forbidden'
  | 'InternalError'
  | 'Invalid'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'NotFound'
  | 'RequestEntityTooLarge'
  | 'ServiceUnavailable'
  | 'Timeout'
  | 'TooManyRequests'
  | 'Unauthorized'
  | 'UnsupportedMediaType'

const codes: Readonly<Record<StatusReason, number>> = {
  AlreadyExists: 409,
  BadRequest: 400,
  Conflict: 409,
  Expired: 410,
  Forbidden: 403,
  InternalError: 500,
  Invalid: 422,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  NotFound: 404,
  RequestEntityTooLarge: 413,
  ServiceUnavailable: 503,
  Timeout: 504,
  TooManyRequests: 429,
  Unauthorized: 401,
  UnsupportedMediaType: 415,
}

export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

/** An error on the wire: HTTP code, reason, and details with causes (A-20..24). */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly code: number
  readonly reason: StatusReason
  readonly details: StatusDetails | undefined

  constructor(reason: StatusReason, message: string, details?: StatusDetails) {
    // An answer, no mistake of the program: they are many, and a trace would cost more than all
    // else.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(message)
    Error.stackTraceLimit = stackTraceLimit
    this.reason = reason
    this.code = codes[reason]
    this.details = details
  }

  /** The body that goes over the wire. */
  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      ...(this.details && { details: this.details }),
      code: this.code,
    }
  }

  static fromStatus(status: Status): StatusError {
    const reason = (status.reason ?? 'InternalError') as StatusReason
    return new StatusError(
      reason in codes ? reason : 'InternalError',
      status.message ?? 'the server gave no reason',
      status.details,
    )
  }
}

/** True when `error` is a StatusError, with `reason` if one is given. */
export function isStatusError(error: unknown, reason?: StatusReason): error is StatusError {
  return error instanceof StatusError && (reason === undefined || error.reason === reason)
}

/** True for the refusal to create something in a namespace that is going away (E-21). */
export function isNamespaceTerminating(error: unknown): boolean {
  return (
    isStatusError(error) &&
    (error.details?.causes ?? []).some((c) => c.reason === 'NamespaceTerminating')
  )
}

type Named = Pick<Resource, 'group' | 'plural'>

export function notFound(resource: Named, name: string): StatusError {
  const message = `${qualifiedPlural(resource)} ${JSON.stringify(name)} not found`
  return new StatusError('NotFound', message, {
    name,
    group: resource.group || undefined,
    kind: resource.plural,
  })
}

export function alreadyExists(resource: Named, name: string): StatusError {
  const message = `${qualifiedPlural(resource)} ${JSON.stringify(name)} already exists`
  return new StatusError('AlreadyExists', message, {
    name,
    group: resource.group || undefined,
    kind: resource.plural,
  })
}

const staleText =
  'the object has been modified; please apply your changes to the latest version and try again'

export function conflict(resource: Named, name: string, why: string = staleText): StatusError {
  const message = `Operation cannot be fulfilled on ${qualifiedPlural(resource)} ${JSON.stringify(name)}: ${why}`
  return new StatusError('Conflict', message, {
    name,
    group: resource.group || undefined,
    kind: resource.plural,
  })
}

/** 403; `name` may be '' for a collection, `why` is the text after `is forbidden: `. */
export function forbidden(
  resource: Named,
  name: string,
  { why, causes }: { readonly why: string; readonly causes?: readonly StatusCause[] },
): StatusError {
  const subject = name === '' ? '' : ` ${JSON.stringify(name)}`
  const message = `${qualifiedPlural(resource)}${subject} is forbidden: ${why}`
  return new StatusError('Forbidden', message, {
    name: name || undefined,
    group: resource.group || undefined,
    kind: resource.plural,
    ...(causes && { causes }),
  })
}

export function badRequest(message: string): StatusError {
  return new StatusError('BadRequest', message)
}

/** One thing wrong with one field. `body` is the text after `FIELD: `. */
export interface FieldError {
  readonly reason: string
  readonly field: string
  readonly body: string
}

/** 422 with one cause per field error. `errors` must not be empty. */
export function invalid(
  resource: Pick<Resource, 'group' | 'kind'>,
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const texts = errors.map((e) => `${e.field}: ${e.body}`)
  const all = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  const causes = errors.map((e) => ({ reason: e.reason, message: e.body, field: e.field }))
  const details = { name, group: resource.group || undefined, kind: resource.kind, causes }
  return new StatusError(
    'Invalid',
    `${qualifiedKind(resource)} ${JSON.stringify(name)} is invalid: ${all}`,
    details,
  )
}
