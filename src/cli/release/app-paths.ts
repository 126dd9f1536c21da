import { dirname, resolve } from 'node:path'
import { isGitError } from '../../git/git-error.ts'
import {
  deployBranch,
  findRepository,
  headCommit,
  openRepository,
  pathInRepository,
  type RemoteBranch,
  type Repository,
} from '../../git/repository.ts'
import { gitTextOr } from '../../git/run-git.ts'
import { filesAt } from '../../git/tree.ts'
import {
  type AppPaths,
  countManifests,
  type Render,
} from '../../release/manifests/git-manifests.ts'
import { type Provenance, repositoryName } from '../../release/provenance.ts'
import type { WorkloadKey } from '../../release/record/release.ts'
import { CliError } from '../cli-error.ts'
import type { CliIo } from '../io.ts'
import { kustomizeRenderer } from '../kustomize.ts'
import { usageExitCode } from './usage.ts'

/** Where a workload is written. */
export interface FoundApp {
  readonly app: AppPaths
  /** Absent: a repository that nobody else sees. */
  readonly deploy: RemoteBranch | undefined
}

export interface AppSearch {
  readonly workload: WorkloadKey
  /** `-f`; '' for none. */
  readonly path: string
  /** `-k`; '' for none. */
  readonly kustomization: string
  /** What is known of where the workload comes from. */
  readonly provenance: Provenance | undefined
}

/**
 * The files that a workload is written in: what `-f` names; else where it was applied from, if that
 * is this repository; else where its manifest is found below the working directory. undefined: the
 * working directory is in no repository that has it.
 */
export async function findApp(
  io: Pick<CliIo, 'cwd' | 'env'>,
  search: AppSearch,
): Promise<FoundApp | undefined> {
  const render = kustomizeRenderer(io)
  const found = await findPaths(io, search, render)
  if (!found) return undefined
  const app: AppPaths = { ...found.app, render }
  if (search.kustomization === '') return { ...found, app }
  const folder = resolve(io.cwd, search.kustomization)
  return {
    ...found,
    app: { ...app, kustomization: await pathInRepository(app.repository, folder) },
  }
}

async function findPaths(
  { cwd }: Pick<CliIo, 'cwd'>,
  { workload, path, provenance, kustomization }: AppSearch,
  render: Render,
): Promise<FoundApp | undefined> {
  const named = path || kustomization
  if (named !== '') {
    const given = resolve(cwd, named)
    const repository = await openRepository(given)
    return withBranch(repository, await pathInRepository(repository, given))
  }
  const repository = await repositoryAt(cwd)
  const commit = repository && (await headCommit(repository))
  if (!repository || !commit) return undefined
  const known = provenance?.path
  if (known !== undefined && provenance?.repository === (await repositoryName(repository))) {
    const wide = await widened(repository, { commit, path: known }, workload)
    const count = await countManifests({ repository, paths: [wide], render }, commit, workload)
    if (count !== 0) return withBranch(repository, wide)
  }
  const below = await pathInRepository(repository, cwd)
  const found = await search(repository, { commit, path: below || '.' }, workload)
  if (found.length > 1) throw ambiguous(workload, found)
  const [only] = found
  if (only === undefined) return undefined
  return withBranch(repository, await widened(repository, { commit, path: only }, workload))
}

async function repositoryAt(folder: string): Promise<Repository | undefined> {
  try {
    return await findRepository(folder)
  } catch (error) {
    if (isGitError(error, 'no-git')) return undefined
    throw error
  }
}

async function withBranch(repository: Repository, path: string): Promise<FoundApp> {
  return { app: { repository, paths: [path || '.'] }, deploy: await deployBranch(repository) }
}

interface Place {
  readonly commit: string
  readonly path: string
}

/**
 * A file's folder, where its configuration lies beside it: if all there can be read and is the
 * workload's only place.
 */
async function widened(
  repository: Repository,
  { commit, path }: Place,
  workload: WorkloadKey,
): Promise<string> {
  const [entry] = await filesAt(repository, commit, [path])
  const folder = dirname(path)
  if (entry?.path !== path || folder === '.') return path
  const count = await countManifests({ repository, paths: [folder] }, commit, workload)
  return count === 1 ? folder : path
}

/**
 * The files that have a manifest of the workload; those that merely speak of it are looked into.
 */
async function search(
  repository: Repository,
  { commit, path }: Place,
  workload: WorkloadKey,
): Promise<readonly string[]> {
  const args = ['grep', '-l', '-z', '-F', '-e', workload.name, commit, '--', path]
  const text = (await gitTextOr(args, { cwd: repository.root })) ?? ''
  const found: string[] = []
  for (const line of text.split('\0').filter((each) => each !== '')) {
    const file = line.slice(commit.length + 1)
    if (!/\.(ya?ml|json)$/.test(file)) continue
    const count = await countManifests({ repository, paths: [file] }, commit, workload)
    if (count !== undefined && count > 0) found.push(file)
  }
  return found
}

function ambiguous({ kind, name }: WorkloadKey, paths: readonly string[]): CliError {
  const hint = '-f PATH says which one is meant'
  const message = `the ${kind} ${name} is written in more than one place: ${paths.join(', ')}`
  return new CliError(message, { code: usageExitCode, hint })
}
