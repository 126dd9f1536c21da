import { GitError, withoutCredentials } from './git-error.ts'
import {
  currentBranch,
  headCommit,
  inside,
  isClean,
  type RemoteBranch,
  type Repository,
} from './repository.ts'
import { gitBytes, gitText, tryGit } from './run-git.ts'

/**
 * Sends a commit to a remote's branch, which must fast-forward: never forced. Rejects with
 * `lost-race` when the branch has moved on meanwhile, and with `push-refused` when the remote does
 * not want it.
 */
export async function pushCommit(
  repository: Repository,
  commit: string,
  { remote, branch }: RemoteBranch,
): Promise<void> {
  const spec = `${commit}:refs/heads/${branch}`
  const args = ['push', '--porcelain', '--no-follow-tags', '--end-of-options', remote, spec]
  const { code, stdout, stderr } = await tryGit(args, inside(repository))
  if (code === 0) {
    const ref = `refs/remotes/${remote}/${branch}`
    await tryGit(['update-ref', ref, commit], inside(repository))
    return
  }
  const said = withoutCredentials(`${stdout.toString()}${stderr}`.trim())
  if (/\[rejected\]|fetch first|non-fast-forward|cannot lock ref|stale info/.test(said)) {
    throw new GitError('lost-race', `${remote} has newer commits on ${branch}`, { args })
  }
  throw new GitError('push-refused', `${remote} did not take the commit: ${said}`, { args })
}

/** Whether the commit is the head of this branch or in its past. */
export async function isAncestor(
  repository: Repository,
  commit: string,
  of: string,
): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', '--end-of-options', commit, of]
  return (await tryGit(args, inside(repository))).code === 0
}

/** A branch here and now set to a commit; it must be new or move forward only. */
export async function setLocalBranch(
  repository: Repository,
  branch: string,
  commit: string,
): Promise<void> {
  const ref = `refs/heads/${branch}`
  await gitText(['check-ref-format', ref], inside(repository))
  const { code, stdout } = await tryGit(
    ['rev-parse', '--verify', '--quiet', ref],
    inside(repository),
  )
  const old = code === 0 ? stdout.toString().trim() : ''
  if (old && !(await isAncestor(repository, old, commit))) {
    throw new GitError(
      'lost-race',
      `the branch ${branch} has commits that this one does not build on`,
    )
  }
  await gitText(['update-ref', ref, commit, old || '0'.repeat(40)], inside(repository))
}

/** The commit as a mail that `git am` takes. */
export async function formatPatch(repository: Repository, commit: string): Promise<string> {
  const args = ['format-patch', '-1', '--stdout', '--no-signature', '--binary']
  return (await gitBytes([...args, '--end-of-options', commit], inside(repository))).toString()
}

export type CheckoutMove =
  | { readonly moved: true }
  /** `why` completes: the checkout was left alone, because … */
  | { readonly moved: false; readonly why: string }

/**
 * Moves the user's own checkout forward to the commit, only if it is on that branch, clean, and
 * behind.
 */
export async function fastForwardCheckout(
  repository: Repository,
  branch: string,
  commit: string,
): Promise<CheckoutMove> {
  const [current, head] = [await currentBranch(repository), await headCommit(repository)]
  const stays = (why: string): CheckoutMove => ({ moved: false, why })
  if (current === undefined) return stays('no branch is checked out')
  if (current !== branch) return stays(`it is on the branch ${current}`)
  if (head === commit) return { moved: true }
  if (!(await isClean(repository))) return stays('it has changes that are not committed')
  if (head === undefined || !(await isAncestor(repository, head, commit))) {
    return stays('it has commits of its own')
  }
  const args = ['-c', 'core.hooksPath=/dev/null', 'merge', '--ff-only', '--quiet', commit]
  const { code, stderr } = await tryGit(args, inside(repository))
  return code === 0 ? { moved: true } : stays(withoutCredentials(stderr.trim()))
}
