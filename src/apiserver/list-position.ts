import { forbiddenValue, unsupportedValue } from '../api/field-errors.ts'
import type { Status } from '../api/generated/types.ts'
import { isJsonObject, parseJson } from '../api/json.ts'
import { badRequest, type FieldError, invalid, StatusError } from '../api/status-error.ts'
import type { ListOptions } from '../api/transport.ts'
import { RevisionUnavailable } from '../store/store.ts'

/** Where a page of a list starts. */
export interface ListPosition {
  /** The revision to show; undefined for the newest. */
  readonly revision: number | undefined
  readonly startAfter: string
}

const continueFieldNames = { version: 'meta.k8s.io/v1' } as const

/** In place of a revision in a token: go on with whatever is there then. */
const newest = -1

/** The opaque `continue`: the revision of all pages, and the last key shown. */
export function continueToken(revision: number, lastKey: string): string {
  const token = { v: continueFieldNames.version, rv: revision, start: lastKey }
  return Buffer.from(JSON.stringify(token)).toString('base64url')
}

function parseContinue(text: string, scope: string): ListPosition {
  const token = decodeToken(text)
  if (!isJsonObject(token) || !isTokenRevision(token.rv) || typeof token.start !== 'string') {
    throw badRequest('continue key is not valid: it was not made by this server')
  }
  if (!token.start.startsWith(scope)) {
    throw badRequest('continue key is not valid: it belongs to another list')
  }
  return { revision: token.rv === newest ? undefined : token.rv, startAfter: token.start }
}

function isTokenRevision(value: unknown): value is number {
  return Number.isSafeInteger(value) && (Number(value) > 0 || value === newest)
}

function decodeToken(text: string): unknown {
  try {
    return parseJson(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}

/**
 * A resourceVersion as a revision; undefined for none and for '0', which any state satisfies
 * (H-07). Throws 400.
 */
export function parseRevision(text: string | undefined): number | undefined {
  if (text === undefined || text === '' || text === '0') return undefined
  const revision = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(revision)) return revision
  throw badRequest(`invalid resource version ${JSON.stringify(text)}: it must be a decimal number`)
}

/** 504 for a resourceVersion that this server has not reached (H-07). */
export function tooLargeRevision(revision: number, current: number): StatusError {
  const message = `Too large resource version: ${revision}, current: ${current}`
  const cause = { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }
  return new StatusError('Timeout', `Timeout: ${message}`, {
    causes: [cause],
    retryAfterSeconds: 1,
  })
}

function checkMatch({ resourceVersion, resourceVersionMatch, continue: token }: ListOptions): void {
  if (!resourceVersionMatch) return
  const field = 'resourceVersionMatch'
  const errors: FieldError[] = []
  if (!resourceVersion) {
    const why = 'resourceVersionMatch is forbidden unless resourceVersion is provided'
    errors.push(forbiddenValue(field, why))
  }
  if (token) {
    errors.push(
      forbiddenValue(field, 'resourceVersionMatch is forbidden when continue is provided'),
    )
  }
  if (resourceVersionMatch !== 'Exact' && resourceVersionMatch !== 'NotOlderThan') {
    errors.push(unsupportedValue(field, resourceVersionMatch, ['Exact', 'NotOlderThan', '']))
  } else if (resourceVersionMatch === 'Exact' && resourceVersion === '0') {
    const why = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
    errors.push(forbiddenValue(field, why))
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors)
}

interface ListScope {
  readonly scope: string
  /** The newest revision. */
  readonly current: number
}

/** Throws 400, 422 and 504 as H-07 says. */
export function listPosition(options: ListOptions, { scope, current }: ListScope): ListPosition {
  checkMatch(options)
  const { resourceVersion, resourceVersionMatch, limit } = options
  if (options.continue) {
    if (resourceVersion && resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue')
    }
    return parseContinue(options.continue, scope)
  }
  const revision = parseRevision(resourceVersion)
  if (revision !== undefined && revision > current) throw tooLargeRevision(revision, current)
  // With a limit, a resourceVersion has always meant that very state.
  const isExact = resourceVersionMatch === 'Exact' || (!resourceVersionMatch && limit)
  return { revision: isExact ? revision : undefined, startAfter: '' }
}

/** Turns the store's refusal of a revision into the answer of a list. */
export function listFault(
  error: unknown,
  options: ListOptions,
  { startAfter }: ListPosition,
): unknown {
  if (!(error instanceof RevisionUnavailable)) return error
  if (error.why === 'future') return tooLargeRevision(error.asked, error.current)
  if (options.continue) return new ContinueExpired(continueToken(newest, startAfter))
  return new StatusError('Expired', 'The resourceVersion for the provided list is too old.')
}

/**
 * The revision of a list was compacted between two pages (H-07). Whoever can live with a list of
 * several moments goes on with the token that comes along.
 */
class ContinueExpired extends StatusError {
  readonly #token: string

  constructor(token: string) {
    const text =
      'The provided continue parameter is too old to display a consistent list result. ' +
      'You can start a new list without the continue parameter, or use the continue token in ' +
      'this response to retrieve the remainder of the results. Continuing with the provided ' +
      'token results in an inconsistent list - objects that were created, modified, or deleted ' +
      'between the time the first chunk was returned and now may show up in the list.'
    super('Expired', text)
    this.#token = token
  }

  override toStatus(): Status {
    return { ...super.toStatus(), metadata: { continue: this.#token } }
  }
}
