import type { PodTemplateSpec } from '../../api/generated/types.ts'
import { isJsonObject, type JsonObject } from '../../api/json.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { CommitFacts } from '../../git/commit-facts.ts'
import { pathLog } from '../../git/commit-facts.ts'
import type { Repository } from '../../git/repository.ts'
import { contentAt, filesAt } from '../../git/tree.ts'
import type { WorkloadKey } from '../record/release.ts'
import { isSameTemplate, templateOf } from '../template.ts'
import { ManifestError, parseManifests } from './parse-manifests.ts'

/** The files of one app: paths below the root of a repository. */
export interface AppPaths {
  readonly repository: Repository
  readonly paths: readonly string[]
}

/** An object of a manifest, and where it is. */
export interface GitManifest {
  /** Below the repository's root. */
  readonly path: string
  /** Which document of the file, from 0. */
  readonly index: number
  readonly object: JsonObject
}

/** A folder for kustomize (or another renderer): what lies there is not what is applied. */
export class NeedsRenderer extends Error {
  override readonly name = 'NeedsRenderer'
  readonly path: string

  constructor(path: string) {
    super(`${path} is for kustomize: what it makes has to be rendered`)
    this.path = path
  }
}

const isManifest = (path: string) => /\.(ya?ml|json)$/.test(path)
const isKustomization = (path: string) => /(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(path)

/**
 * Every object in the app's files as a commit has them. Rejects with ManifestError and
 * NeedsRenderer.
 */
export async function manifestsAt(
  { repository, paths }: AppPaths,
  commit: string,
): Promise<readonly GitManifest[]> {
  const files = await filesAt(repository, commit, paths)
  const kustomization = files.find(({ path }) => isKustomization(path))
  if (kustomization) throw new NeedsRenderer(kustomization.path)
  const found: GitManifest[] = []
  for (const { path, mode } of files) {
    if (mode === '120000' || !isManifest(path)) continue
    const text = (await contentAt(repository, commit, path)).toString()
    const source = `${path} at ${commit.slice(0, 12)}`
    for (const { object, index } of await parseManifests(text, source))
      found.push({ path, index, object })
  }
  return found
}

/** The manifest of an object; one without a namespace is meant for any. */
export function findManifest(
  manifests: readonly GitManifest[],
  {
    kind,
    namespace,
    name,
  }: { readonly kind: string; readonly namespace: string; readonly name: string },
): GitManifest | undefined {
  return manifests.find(({ object }) => {
    const metadata = isJsonObject(object.metadata) ? object.metadata : {}
    if (object.kind !== kind || metadata.name !== name) return false
    return metadata.namespace === undefined || metadata.namespace === namespace
  })
}

/**
 * How many manifests of an object the app's files have at a commit; undefined when one of the files
 * cannot be read as it is (a template, a kustomization).
 */
export async function countManifests(
  app: AppPaths,
  commit: string,
  key: { readonly kind: string; readonly namespace: string; readonly name: string },
): Promise<number | undefined> {
  try {
    const manifests = await manifestsAt(app, commit)
    return manifests.filter((manifest) => findManifest([manifest], key) !== undefined).length
  } catch (error) {
    if (error instanceof ManifestError || error instanceof NeedsRenderer) return undefined
    throw error
  }
}

/**
 * The defaulted template that a commit has for a workload; undefined when it has none that can be
 * read.
 */
export async function templateAt(
  app: AppPaths,
  commit: string,
  workload: WorkloadKey,
): Promise<PodTemplateSpec | undefined> {
  try {
    const manifest = findManifest(await manifestsAt(app, commit), workload)
    return manifest && templateOf(manifest.object)
  } catch (error) {
    if (error instanceof ManifestError || isStatusError(error)) return undefined
    throw error
  }
}

/**
 * The newest commit up to `ref` whose manifest makes this template: recognises what bears no
 * annotation. `limit`: how many commits of the paths are looked at.
 */
export async function recogniseCommit(
  app: AppPaths,
  {
    ref,
    workload,
    template,
    limit = 100,
  }: {
    readonly ref: string
    readonly workload: WorkloadKey
    readonly template: PodTemplateSpec
    readonly limit?: number
  },
): Promise<CommitFacts | undefined> {
  const { commits } = await pathLog(app.repository, ref, { paths: app.paths, limit })
  for (const commit of commits) {
    const there = await templateAt(app, commit.commit, workload)
    if (there && isSameTemplate(there, template)) return commit
  }
  return undefined
}
