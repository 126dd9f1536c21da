/**
 * What a caller may branch on. `lost-race`: the remote's branch has moved on; build the commit anew
 * on its head. `push-refused`: the remote said no for good (rights, a protected branch, a hook).
 */
export type GitFailure =
  | 'no-git'
  | 'no-repository'
  | 'no-commit'
  | 'ambiguous'
  | 'no-identity'
  | 'no-remote'
  | 'no-branch'
  | 'lost-race'
  | 'push-refused'
  | 'outside'
  | 'failed'

/** Git could not do it; the message is for people. */
export class GitError extends Error {
  override readonly name = 'GitError'
  readonly failure: GitFailure
  /** git's own arguments, where git was run. */
  readonly args: readonly string[]

  constructor(
    failure: GitFailure,
    message: string,
    { args = [] }: { readonly args?: readonly string[] } = {},
  ) {
    super(message)
    this.failure = failure
    this.args = args
  }

  static ofAnswer(args: readonly string[], stderr: string): GitError {
    const said = withoutCredentials(stderr.trim()) || 'it gave no reason'
    return new GitError('failed', `git ${args[0]} failed: ${said}`, { args })
  }
}

export function isGitError(error: unknown, failure?: GitFailure): error is GitError {
  return error instanceof GitError && (failure === undefined || error.failure === failure)
}

/**
 * What git said on stderr, in one line, without the advice on access rights that it gives whoever
 * cannot be reached.
 */
export function gitSaid(stderr: string): string {
  const lines = withoutCredentials(stderr)
    .split('\n')
    .map((line) => line.trim().replace(/^(fatal|error): /, ''))
    .filter((line) => line !== '' && !isAdvice(line))
  return lines.join('; ') || 'it gave no reason'
}

function isAdvice(line: string): boolean {
  return /^(Could not read from remote|Please make sure you have|and the repository exists)/.test(
    line,
  )
}

/** A URL may hold a password or a token; nothing of it belongs into messages, records or logs. */
export function withoutCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/@\s]+@/gi, '$1')
}
