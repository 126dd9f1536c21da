import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Trailer } from './commit-facts.ts'
import { GitError } from './git-error.ts'
import { inside, type Repository } from './repository.ts'
import { gitText, gitTextOr, tryGit } from './run-git.ts'
import { filesAt } from './tree.ts'

/** What a new commit has other than its parent. */
export type TreeChange =
  /** These paths, and nothing else, become what they were at a commit: files that came later go. */
  | { readonly type: 'restore'; readonly from: string; readonly paths: readonly string[] }
  /** These files get this content, byte for byte; their modes stay. */
  | { readonly type: 'write'; readonly files: ReadonlyMap<string, string | Uint8Array> }

export interface CommitRequest {
  /** The commit to build on: the newest head of a branch. */
  readonly parent: string
  readonly change: TreeChange
  readonly subject: string
  readonly body?: string
  readonly trailers?: readonly Trailer[]
}

/**
 * Makes a commit, of which nobody knows until it is pushed or a branch is set to it: in a temporary
 * index of its own, so neither the user's index nor his files are touched, and contents go over as
 * they are (line ends, modes, links). Returns its id, or undefined when the parent has it all
 * already. Rejects with `no-identity`.
 */
export async function buildCommit(
  repository: Repository,
  request: CommitRequest,
): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'astern-index-'))
  try {
    const env = { GIT_INDEX_FILE: join(folder, 'index') }
    const git = (args: readonly string[], input?: string | Uint8Array) =>
      gitText(args, inside(repository, { env, ...(input !== undefined && { input }) }))
    await git(['read-tree', '--end-of-options', request.parent])
    const lines = await indexLines(repository, request)
    await git(['update-index', '-z', '--index-info'], lines.map((line) => `${line}\0`).join(''))
    const tree = await git(['write-tree'])
    const before = await git(['rev-parse', `${request.parent}^{tree}`])
    return tree === before ? undefined : await commitTree(repository, tree, request)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const absent = '0 0000000000000000000000000000000000000000'

/** What `update-index --index-info` takes: removals first, so that a file may become a folder. */
async function indexLines(
  repository: Repository,
  { parent, change }: CommitRequest,
): Promise<readonly string[]> {
  if (change.type === 'restore') {
    const present = await filesAt(repository, parent, change.paths)
    const wanted = await filesAt(repository, change.from, change.paths)
    return [
      ...present.map(({ path }) => `${absent}\t${path}`),
      ...wanted.map(({ mode, blob, path }) => `${mode} ${blob}\t${path}`),
    ]
  }
  const lines: string[] = []
  for (const [path, content] of change.files) {
    const [present] = await filesAt(repository, parent, [path])
    const args = ['hash-object', '-w', '--no-filters', '--stdin']
    const blob = await gitText(args, inside(repository, { input: content }))
    lines.push(`${present?.mode ?? '100644'} ${blob}\t${path}`)
  }
  return lines
}

async function commitTree(
  repository: Repository,
  tree: string,
  request: CommitRequest,
): Promise<string> {
  const signs = await gitTextOr(['config', '--bool', 'commit.gpgSign'], inside(repository))
  const sign = signs === 'true' ? ['-S'] : []
  const args = ['commit-tree', ...sign, '-p', request.parent, '-F', '-', tree]
  const input = commitMessage(request)
  const { code, stdout, stderr } = await tryGit(args, inside(repository, { input }))
  if (code === 0) return stdout.toString().trim()
  if (!/tell me who you are|empty ident|unable to auto-detect email/i.test(stderr)) {
    throw GitError.ofAnswer(args, stderr)
  }
  const how = 'set it with `git config user.name` and `git config user.email`'
  throw new GitError('no-identity', `Git does not know who makes the commit: ${how}`, { args })
}

/**
 * Subject, body and trailers; a value is folded into one line, so that nobody writes a trailer of
 * his own.
 */
export function commitMessage({
  subject,
  body,
  trailers = [],
}: Pick<CommitRequest, 'subject' | 'body' | 'trailers'>): string {
  const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()
  const ends = trailers.map(({ key, value }) => `${key}: ${oneLine(value)}`)
  const parts = [oneLine(subject), body?.trim(), ends.join('\n')]
  return `${parts.filter((part) => part).join('\n\n')}\n`
}
