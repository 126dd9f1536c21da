export interface CliErrorOptions {
  /** What to do next, for people: a line of its own. */
  readonly hint?: string | undefined
  /** The exit code; default 1. */
  readonly code?: number
  /** The message is printed as it is, without `error: ` before it. */
  readonly isPlain?: boolean
}

/**
 * What a command tells people when it cannot do what they asked; what an API server refuses is a
 * StatusError.
 */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: number
  readonly hint: string | undefined
  readonly isPlain: boolean

  constructor(message: string, { hint, code = 1, isPlain = false }: CliErrorOptions = {}) {
    super(message)
    this.code = code
    this.hint = hint
    this.isPlain = isPlain
  }
}

/**
 * A command has told all there is to tell; only its exit code says that something is to be done.
 */
export class ExitWith extends Error {
  override readonly name = 'ExitWith'
  readonly code: number

  constructor(code: number) {
    super(`exit code ${code}`)
    this.code = code
  }
}

/** Several things failed independently; each is told in a line of its own. */
export class CliErrors extends Error {
  override readonly name = 'CliErrors'
  readonly errors: readonly Error[]

  constructor(errors: readonly Error[]) {
    super(errors.map(({ message }) => message).join('\n'))
    this.errors = errors
  }
}

/** Nothing for none, the error itself for one, else all of them as CliErrors. */
export function throwCollected(errors: readonly Error[]): void {
  const [first, ...others] = errors
  if (first === undefined) return
  throw others.length === 0 ? first : new CliErrors(errors)
}
