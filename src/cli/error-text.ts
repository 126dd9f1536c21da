import { isStatusError, StatusError } from '../api/status-error.ts'
import { RefusedByGuard } from '../release/release-error.ts'
import { CliError, CliErrors } from './cli-error.ts'

/** What kubectl prints for an error (A-22, A-23), without the last newline. */
export function errorText(error: unknown): string {
  if (error instanceof CliErrors) return error.errors.map(lineOfSeveral).join('\n')
  if (isStatusError(error, 'Invalid') && error.details) return invalidText(error)
  return withHint(singleText(error), error)
}

/** Of our own commands 4: a guard refused, nothing was touched. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof RefusedByGuard) return 4
  return error instanceof CliError ? error.code : 1
}

/**
 * The error with what was being done when it happened: `error when creating "app.yaml": …`. An
 * Invalid one keeps its details, from which it is printed.
 */
export function whileDoing(doing: string, error: unknown): Error {
  const prefix = `error when ${doing}`
  if (error instanceof StatusError) {
    return new StatusError(error.reason, `${prefix}: ${error.message}`, error.details)
  }
  if (isConnection(error)) return error
  const hint = error instanceof CliError ? error.hint : undefined
  return new CliError(`${prefix}: ${messageOf(error)}`, { hint })
}

/** One of several errors: without what introduces a single one. */
function lineOfSeveral(error: Error): string {
  return error instanceof StatusError ? statusText(error) : error.message
}

function singleText(error: unknown): string {
  if (error instanceof StatusError) return statusText(error)
  const message = messageOf(error)
  const isWhole = isConnection(error) || (error instanceof CliError && error.isPlain)
  return isWhole || message.startsWith('error: ') ? message : `error: ${message}`
}

function withHint(text: string, error: unknown): string {
  const { hint } = (error ?? {}) as { readonly hint?: unknown }
  return typeof hint === 'string' && !text.includes(hint) ? `${text}\n${hint}` : text
}

function statusText({ reason, message }: StatusError): string {
  return reason === 'Unauthorized'
    ? `error: You must be logged in to the server (${message})`
    : `Error from server (${reason}): ${message}`
}

/** `The Deployment "x" is invalid: …`; several causes one to a line, the same line once (A-22). */
function invalidText({ message, details = {} }: StatusError): string {
  const { kind, name, causes = [] } = details
  const isNamed = Boolean(kind) || Boolean(name)
  const subject = isNamed
    ? `The ${kind ?? ''} ${JSON.stringify(name ?? '')} is invalid`
    : 'The request is invalid'
  const lines = [
    ...new Set(causes.map(({ field, message: why }) => (field ? `${field}: ${why}` : `${why}`))),
  ]
  if (lines.length === 0) return isNamed || !message ? subject : `${subject}: ${message}`
  if (lines.length === 1) return `${subject}: ${lines[0]}`
  return `${subject}: \n${lines.map((line) => `* ${line}`).join('\n')}`
}

/** There was no answer: the text is whole, as kubectl prints it. */
function isConnection(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ConnectionError'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
