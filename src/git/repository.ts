import { realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { GitError, gitSaid, withoutCredentials } from './git-error.ts'
import { type GitRun, gitText, gitTextOr, tryGit } from './run-git.ts'

/** A work tree of Git on this machine. */
export interface Repository {
  /** The top of the work tree, absolute, without symbolic links. */
  readonly root: string
}

/** A branch of a remote: where deployments come from and a rollback's commit goes to. */
export interface RemoteBranch {
  /** The remote's name, such as `origin`. */
  readonly remote: string
  /** The branch's name there, such as `main`. */
  readonly branch: string
}

export function inside(repository: Repository, more: Omit<GitRun, 'cwd'> = {}): GitRun {
  return { ...more, cwd: repository.root }
}

/** The work tree that a file or folder lies in; undefined when it lies in none. */
export async function findRepository(path: string): Promise<Repository | undefined> {
  const folder = await existingFolder(resolve(path))
  const root = await gitTextOr(['rev-parse', '--show-toplevel'], { cwd: folder })
  return root ? { root: await realpath(root) } : undefined
}

/** As `findRepository`; rejects with `no-repository`. */
export async function openRepository(path: string): Promise<Repository> {
  const repository = await findRepository(path)
  if (repository) return repository
  throw new GitError('no-repository', `${path} is in no Git work tree`)
}

async function existingFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) return path
  const parent = dirname(path)
  return found || parent === path ? parent : existingFolder(parent)
}

/** The path below the root, with `/`; '' for the root. Rejects with `outside`. */
export async function pathInRepository(repository: Repository, path: string): Promise<string> {
  const absolute = resolve(path)
  const folder = await realpath(await existingFolder(absolute))
  const below = relative(await existingFolder(absolute), absolute)
  const inTree = relative(repository.root, join(folder, below))
  if (inTree === '..' || inTree.startsWith(`..${sep}`) || isAbsolute(inTree)) {
    throw new GitError('outside', `${path} lies outside of the repository ${repository.root}`)
  }
  return inTree.split(sep).join('/')
}

/** The full id of the commit that is checked out; undefined before the first one. */
export function headCommit(repository: Repository): Promise<string | undefined> {
  return gitTextOr(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], inside(repository))
}

/** The branch that is checked out; undefined when HEAD is detached. */
export function currentBranch(repository: Repository): Promise<string | undefined> {
  return gitTextOr(['symbolic-ref', '--quiet', '--short', 'HEAD'], inside(repository))
}

/** The remote's address without credentials; undefined for a remote that is not configured. */
export async function remoteUrl(
  repository: Repository,
  remote: string,
): Promise<string | undefined> {
  const url = await gitTextOr(['config', '--get', `remote.${remote}.url`], inside(repository))
  return url === undefined ? undefined : withoutCredentials(url)
}

export async function isShallow(repository: Repository): Promise<boolean> {
  const answer = await gitText(['rev-parse', '--is-shallow-repository'], inside(repository))
  return answer === 'true'
}

/**
 * The deploy branch: what the checked out branch follows, else the default branch of the only
 * remote (`origin` of several), else undefined (a repository that nobody else sees).
 */
export async function deployBranch(repository: Repository): Promise<RemoteBranch | undefined> {
  const branch = await currentBranch(repository)
  if (branch !== undefined) {
    const get = (key: string) =>
      gitTextOr(['config', '--get', `branch.${branch}.${key}`], inside(repository))
    const [remote, merge] = [await get('remote'), await get('merge')]
    if (remote && remote !== '.' && merge?.startsWith('refs/heads/')) {
      return { remote, branch: merge.slice('refs/heads/'.length) }
    }
  }
  return defaultBranch(repository)
}

async function defaultBranch(repository: Repository): Promise<RemoteBranch | undefined> {
  const remotes = (await gitText(['remote'], inside(repository))).split('\n').filter(Boolean)
  const remote = remotes.length === 1 ? remotes[0] : remotes.find((name) => name === 'origin')
  if (remote === undefined) return undefined
  const ref = `refs/remotes/${remote}/HEAD`
  const head = await gitTextOr(['symbolic-ref', '--quiet', ref], inside(repository))
  if (head) return { remote, branch: head.slice(`refs/remotes/${remote}/`.length) }
  const branch = await currentBranch(repository)
  return branch === undefined ? undefined : { remote, branch }
}

/**
 * Whether these paths (all, when none is given) are as HEAD has them: nothing staged, changed or
 * untracked.
 */
export async function isClean(
  repository: Repository,
  paths: readonly string[] = [],
): Promise<boolean> {
  const args = ['status', '--porcelain', '-z', '--untracked-files=all', '--', ...paths]
  return (await gitText(args, inside(repository))) === ''
}

/** Brings the newest head of a remote's branch; its commit. Rejects with `no-remote`. */
export async function fetchBranch(
  repository: Repository,
  { remote, branch }: RemoteBranch,
): Promise<string> {
  const args = ['fetch', '--quiet', '--no-tags', '--end-of-options', remote]
  const ref = `+refs/heads/${branch}:refs/remotes/${remote}/${branch}`
  const { code, stderr } = await tryGit([...args, ref], inside(repository))
  if (code === 0)
    return gitText(['rev-parse', `refs/remotes/${remote}/${branch}`], inside(repository))
  const said = gitSaid(stderr)
  throw new GitError('no-remote', `cannot fetch ${branch} from ${remote}: ${said}`, { args })
}

/** The head of a remote's branch as it was fetched last; undefined when it never was. */
export function fetchedHead(
  repository: Repository,
  { remote, branch }: RemoteBranch,
): Promise<string | undefined> {
  const ref = `refs/remotes/${remote}/${branch}`
  return gitTextOr(['rev-parse', '--verify', '--quiet', ref], inside(repository))
}
