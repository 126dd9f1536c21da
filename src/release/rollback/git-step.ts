import type { PodTemplateSpec } from '../../api/generated/types.ts'
import { buildCommit, type TreeChange } from '../../git/build-commit.ts'
import { pathLog, type Trailer } from '../../git/commit-facts.ts'
import { GitError, isGitError } from '../../git/git-error.ts'
import {
  fastForwardCheckout,
  formatPatch,
  isAncestor,
  pushCommit,
  setLocalBranch,
} from '../../git/publish.ts'
import {
  currentBranch,
  fetchBranch,
  fetchedHead,
  headCommit,
  type RemoteBranch,
  type Repository,
} from '../../git/repository.ts'
import { gitTextOr } from '../../git/run-git.ts'
import { editedFiles } from '../manifests/edit-manifest.ts'
import { type AppPaths, findManifest, manifestsAt } from '../manifests/git-manifests.ts'
import type { ConfigContent } from '../record/configuration.ts'
import type { WorkloadKey } from '../record/release.ts'
import { ReleaseError } from '../release-error.ts'
import { isSameTemplate, templateOf } from '../template.ts'

/** What becomes of the commit. */
export type Publish =
  /** Onto the deploy branch of the remote. */
  | { readonly type: 'push' }
  /** Onto a branch of its own there, for a pull request: owed until it is merged. */
  | { readonly type: 'branch'; readonly name: string }
  /** As a text for `git am`: owed until somebody has taken it. */
  | { readonly type: 'patch' }
  /** Only into this repository: owed until it is pushed, where there is a remote. */
  | { readonly type: 'local' }

/** The Git side of a transaction; where the repository lies on this machine is no part of it. */
export interface AppGit {
  /** Below the root: what the workload and its configuration are written in. */
  readonly paths: readonly string[]
  /** Absent: a repository without a remote. */
  readonly deploy: RemoteBranch | undefined
  readonly publish: Publish
  /**
   * The commit to restore the paths from; absent: only template and configuration are edited, where
   * they are.
   */
  readonly restoreFrom: string | undefined
}

export interface GitRequest {
  readonly repository: Repository
  readonly git: AppGit
  readonly workload: WorkloadKey
  /** How folders for kustomize are read, and which one it is. */
  readonly kustomize?: Pick<AppPaths, 'render' | 'kustomization'>
  readonly template: PodTemplateSpec
  /** What the files shall give the ConfigMaps that it reads, where no commit has that. */
  readonly configuration?: ReadonlyMap<string, ConfigContent>
  readonly subject: string
  readonly trailers: readonly Trailer[]
  /** Finds the commit again that was made before an interruption. */
  readonly operation: string
}

export interface GitOutcome {
  /** Absent: Git had it all already. */
  readonly commit: string | undefined
  /** Where it waits until it is on the deploy branch; absent: it is there. */
  readonly waitsIn: string | undefined
  /** For `patch`. */
  readonly patch: string | undefined
  /** Why the user's own checkout was left alone; absent: it has the commit. */
  readonly checkoutLeft: string | undefined
}

export const operationTrailer = 'Rolled-back-operation'
const triesMax = 5

/**
 * Makes the commit on the newest head of the deploy branch and publishes it; again when a push
 * loses a race.
 */
export async function commitRollback(request: GitRequest): Promise<GitOutcome> {
  for (let tries = 1; ; tries++) {
    try {
      return await commitOnce(request)
    } catch (error) {
      if (!isGitError(error, 'lost-race') || tries === triesMax) throw error
    }
  }
}

async function commitOnce(request: GitRequest): Promise<GitOutcome> {
  const { repository, git } = request
  await checkBranch(repository, git)
  const head = await newestHead(repository, git.deploy)
  const landed = await findOperation(repository, head, request)
  if (landed) return settled(repository, git, landed)
  const change = await treeChange(request, head)
  const { subject, trailers, operation } = request
  const signed = [...trailers, { key: operationTrailer, value: operation }]
  const commit = await buildCommit(repository, { parent: head, change, subject, trailers: signed })
  if (!commit)
    return { commit: undefined, waitsIn: undefined, patch: undefined, checkoutLeft: undefined }
  await checkRendered(request, commit)
  return publish(repository, git, commit)
}

/** There is a branch for the commit to go to; else nothing is made. */
async function checkBranch(repository: Repository, { deploy, publish }: AppGit): Promise<void> {
  if (deploy || publish.type === 'patch' || publish.type === 'branch') return
  if (publish.type === 'push') {
    const why = 'it has no remote, or none that says which branch deployments come from'
    throw new GitError('no-remote', `${repository.root} has nowhere to push to: ${why}`)
  }
  if ((await currentBranch(repository)) !== undefined) return
  const why = 'HEAD is detached, and no remote says which branch deployments come from'
  throw new GitError('no-branch', `${repository.root} has no branch for the commit: ${why}`)
}

/**
 * What kustomize reads may lie outside of what was restored: then the commit makes something else.
 */
async function checkRendered(request: GitRequest, commit: string): Promise<void> {
  const { repository, git, workload, template, kustomize } = request
  if (git.restoreFrom === undefined) return
  const app = { repository, paths: git.paths, ...kustomize }
  const manifest = findManifest(await manifestsAt(app, commit), workload)
  const made = manifest && templateOf(manifest.object)
  if (!manifest?.isRendered || (made && isSameTemplate(made, template))) return
  throw new ReleaseError(
    `with ${git.paths.join(', ')} as at ${git.restoreFrom.slice(0, 12)}, kustomize does not make what ran then: it reads files elsewhere that have changed since`,
    '-k FOLDER -f PATH restores PATH, which should hold all that the folder reads',
  )
}

/**
 * The head to build on: the remote's, or the local branch's when that is ahead of it and stays
 * local.
 */
export async function newestHead(
  repository: Repository,
  deploy: RemoteBranch | undefined,
): Promise<string> {
  if (deploy) return fetchBranch(repository, deploy)
  const head = await headCommit(repository)
  if (head) return head
  throw new GitError('no-commit', `${repository.root} has no commit yet`)
}

/** The head that this clone knows of, when the remote cannot be asked. */
export async function knownHead(
  repository: Repository,
  deploy: RemoteBranch | undefined,
): Promise<string> {
  const fetched = deploy && (await fetchedHead(repository, deploy))
  return fetched ?? newestHead(repository, undefined)
}

/** The commit of this operation, if an interrupted run has published it. */
export async function findOperation(
  repository: Repository,
  head: string,
  { git, operation }: Pick<GitRequest, 'git' | 'operation'>,
): Promise<string | undefined> {
  const heads = [head]
  if (git.publish.type === 'branch' && git.deploy) {
    const { remote } = git.deploy
    const branch = { remote, branch: git.publish.name }
    const other = await fetchBranch(repository, branch).catch(() => undefined)
    if (other) heads.push(other)
  }
  if (git.publish.type === 'local' && git.deploy) {
    const args = ['rev-parse', '--verify', '--quiet', `refs/heads/${git.deploy.branch}`]
    const local = await gitTextOr(args, { cwd: repository.root })
    if (local) heads.push(local)
  }
  for (const each of heads) {
    const { commits } = await pathLog(repository, each, { paths: git.paths, limit: 200 })
    const found = commits.find(({ trailers }) =>
      trailers.some(({ key, value }) => key === operationTrailer && value === operation),
    )
    if (found) return found.commit
  }
  return undefined
}

async function treeChange(request: GitRequest, head: string): Promise<TreeChange> {
  const { repository, git, workload, template, configuration, kustomize } = request
  if (git.restoreFrom !== undefined) {
    return { type: 'restore', from: git.restoreFrom, paths: git.paths }
  }
  const app = { repository, paths: git.paths, ...kustomize }
  const edited = { workload, template, ...(configuration && { configuration }) }
  const files = await editedFiles(app, head, edited)
  return { type: 'write', files }
}

async function settled(repository: Repository, git: AppGit, commit: string): Promise<GitOutcome> {
  return { ...(await publish(repository, git, commit)), commit }
}

async function publish(repository: Repository, git: AppGit, commit: string): Promise<GitOutcome> {
  const { deploy, publish: how } = git
  const none = { commit, waitsIn: undefined, patch: undefined, checkoutLeft: undefined }
  if (how.type === 'patch') {
    return { ...none, patch: await formatPatch(repository, commit), waitsIn: 'a patch' }
  }
  if (how.type === 'branch') {
    if (deploy) await pushCommit(repository, commit, { remote: deploy.remote, branch: how.name })
    else await setLocalBranch(repository, how.name, commit)
    return { ...none, waitsIn: `the branch ${how.name}` }
  }
  const branch = deploy?.branch ?? (await currentBranch(repository))
  if (branch === undefined) throw new GitError('no-branch', 'HEAD was detached meanwhile')
  if (how.type === 'push' && deploy) {
    await pushUnlessThere(repository, commit, deploy)
    return { ...none, checkoutLeft: await moveCheckout(repository, branch, commit) }
  }
  const checkoutLeft = await moveLocal(repository, branch, commit)
  return { ...none, checkoutLeft, waitsIn: deploy && `the local branch ${branch}` }
}

async function pushUnlessThere(
  repository: Repository,
  commit: string,
  deploy: RemoteBranch,
): Promise<void> {
  const head = `refs/remotes/${deploy.remote}/${deploy.branch}`
  if (!(await isAncestor(repository, commit, head))) await pushCommit(repository, commit, deploy)
}

async function moveCheckout(
  repository: Repository,
  branch: string,
  commit: string,
): Promise<string | undefined> {
  const move = await fastForwardCheckout(repository, branch, commit)
  return move.moved ? undefined : move.why
}

/** A branch that is checked out moves with its files or not at all. */
async function moveLocal(
  repository: Repository,
  branch: string,
  commit: string,
): Promise<string | undefined> {
  if ((await currentBranch(repository)) !== branch) {
    await setLocalBranch(repository, branch, commit)
    return `it is on another branch than ${branch}`
  }
  const why = await moveCheckout(repository, branch, commit)
  if (why === undefined) return undefined
  throw new GitError('push-refused', `the branch ${branch} is checked out and cannot move: ${why}`)
}
