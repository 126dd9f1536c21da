import { GitError } from './git-error.ts'
import { inside, isShallow, type Repository } from './repository.ts'
import { gitText, gitTextOr } from './run-git.ts'

export interface CommitFacts {
  /** The full id. */
  readonly commit: string
  /** `Name <address>`. */
  readonly author: string
  /** First line of the message. */
  readonly subject: string
  /** When it was committed, RFC 3339 in UTC with whole seconds. */
  readonly committedAt: string
  /** `Key: value` lines at the message's end. */
  readonly trailers: readonly Trailer[]
}

export interface Trailer {
  readonly key: string
  readonly value: string
}

const format = '%H%x00%an <%ae>%x00%s%x00%ct%x00%(trailers:only,unfold)%x00'

function parseFacts(text: string): CommitFacts {
  const [commit = '', author = '', subject = '', seconds = '0', trailers = ''] = text.split('\0')
  const committedAt = new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z')
  return { commit: commit.trim(), author, subject, committedAt, trailers: parseTrailers(trailers) }
}

function parseTrailers(text: string): readonly Trailer[] {
  return text.split('\n').flatMap((line) => {
    const colon = line.indexOf(':')
    if (colon < 0) return []
    return [{ key: line.slice(0, colon), value: line.slice(colon + 1).trim() }]
  })
}

export async function commitFacts(repository: Repository, commit: string): Promise<CommitFacts> {
  const args = [
    'log',
    '-1',
    '--no-show-signature',
    `--format=${format}`,
    '--end-of-options',
    commit,
  ]
  return parseFacts(await gitText(args, inside(repository)))
}

export interface PathLog {
  /** The newest first. */
  readonly commits: readonly CommitFacts[]
  /** The repository is a shallow clone: what is older than its edge is not known here. */
  readonly isShallow: boolean
}

/** The commits that changed any of the paths, up to `ref`. */
export async function pathLog(
  repository: Repository,
  ref: string,
  { paths, limit = 100 }: { readonly paths: readonly string[]; readonly limit?: number },
): Promise<PathLog> {
  const args = ['log', `-${limit}`, '--no-show-signature', `--format=${format}%x1e`]
  const text = await gitText([...args, '--end-of-options', ref, '--', ...paths], inside(repository))
  const commits = text.split('\x1e').filter((part) => part.trim() !== '')
  return { commits: commits.map(parseFacts), isShallow: await isShallow(repository) }
}

const timeText = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?)?$/

/** Whether a target reads as a point in time (a date is its beginning, in UTC), not as a name. */
export function timeOf(text: string): number | undefined {
  if (!timeText.test(text)) return undefined
  const withZone = /(Z|[+-]\d\d:?\d\d)$/.test(text) || !/[T ]/.test(text) ? text : `${text}Z`
  const timeMs = Date.parse(withZone.replace(' ', 'T'))
  return Number.isNaN(timeMs) ? undefined : timeMs
}

/**
 * A COMMIT (full or short), TAG, branch or TIME as the full id of a commit: a time means the newest
 * commit of `ref` (default HEAD) that is not younger. Rejects with `no-commit` or `ambiguous`.
 */
export async function resolveCommit(
  repository: Repository,
  target: string,
  ref = 'HEAD',
): Promise<string> {
  const timeMs = timeOf(target)
  const found = timeMs === undefined ? named(repository, target) : before(repository, timeMs, ref)
  const commit = await found
  if (commit) return commit
  const edge = (await isShallow(repository))
    ? ': this is a shallow clone, `git fetch --unshallow` brings the rest'
    : ''
  const what = timeMs === undefined ? JSON.stringify(target) : `commit at ${target} or before`
  throw new GitError('no-commit', `there is no ${what} in ${repository.root}${edge}`)
}

async function named(repository: Repository, target: string): Promise<string | undefined> {
  if (target === '' || target.startsWith('-')) return undefined
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${target}^{commit}`]
  const commit = await gitTextOr(args, inside(repository))
  if (commit !== undefined || !/^[0-9a-f]{4,39}$/.test(target)) return commit
  const all = await gitTextOr(['rev-parse', `--disambiguate=${target}`], inside(repository))
  if (!all?.includes('\n')) return undefined
  throw new GitError('ambiguous', `more than one object begins with ${target}: give more of it`)
}

async function before(
  repository: Repository,
  timeMs: number,
  ref: string,
): Promise<string | undefined> {
  const seconds = Math.floor(timeMs / 1000)
  const args = ['rev-list', '-1', `--before=${seconds}`, '--end-of-options', ref]
  return (await gitTextOr(args, inside(repository))) || undefined
}
