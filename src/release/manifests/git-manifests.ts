import { posix } from 'node:path'
import type { PodTemplateSpec } from '../../api/generated/types.ts'
import { isJsonObject, type JsonObject } from '../../api/json.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { CommitFacts } from '../../git/commit-facts.ts'
import { pathLog } from '../../git/commit-facts.ts'
import type { Repository } from '../../git/repository.ts'
import { contentsOf, filesAt } from '../../git/tree.ts'
import { contentDigest, manifestContent } from '../record/configuration.ts'
import type { RecordedConfiguration, WorkloadKey } from '../record/release.ts'
import { ReleaseError } from '../release-error.ts'
import { isSameTemplate, templateOf } from '../template.ts'
import { ManifestError, parseManifests } from './parse-manifests.ts'

/** The files of one app: paths below the root of a repository. */
export interface AppPaths {
  readonly repository: Repository
  readonly paths: readonly string[]
  /** Makes manifests of folders for kustomize; without it they cannot be read. */
  readonly render?: Render
  /** The folder to render, where the paths have more than one. */
  readonly kustomization?: string
}

/** Runs kustomize over a folder as a commit has it; the manifests as YAML. */
export type Render = (what: {
  readonly repository: Repository
  readonly commit: string
  readonly folder: string
}) => Promise<string>

/** An object of a manifest, and where it is. */
export interface GitManifest {
  /** Below the repository's root. */
  readonly path: string
  /** Which document of the file, from 0. */
  readonly index: number
  readonly object: JsonObject
  /** Made by kustomize: `path` is its folder, and there is no text to change. */
  readonly isRendered?: boolean
}

/** Folders for kustomize: what lies there is not what is applied. */
export class NeedsRenderer extends ReleaseError {
  override readonly name = 'NeedsRenderer'

  constructor(folders: readonly string[]) {
    const what = folders.map((folder) => folder || '.').join(', ')
    super(`${what}: made by kustomize`, 'name the folder to render with -k')
  }
}

const isManifest = (path: string) => /\.(ya?ml|json)$/.test(path)
const isKustomization = (path: string) => /(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(path)

/**
 * Every object in the app's files as a commit has them; of a folder for kustomize, what that makes.
 * Rejects with ManifestError and NeedsRenderer.
 */
export async function manifestsAt(app: AppPaths, commit: string): Promise<readonly GitManifest[]> {
  const { repository, paths } = app
  const files = await filesAt(repository, commit, paths)
  const folders = files.flatMap(({ path }) => (isKustomization(path) ? [folderOf(path)] : []))
  if (folders.length > 0) return renderedManifests(app, commit, folders)
  const found: GitManifest[] = []
  const readable = files.filter(({ path, mode }) => mode !== '120000' && isManifest(path))
  const contents = await contentsOf(repository, readable)
  for (const [i, { path }] of readable.entries()) {
    const text = contents[i]?.toString() ?? ''
    const source = `${path} at ${commit.slice(0, 12)}`
    for (const { object, index } of await parseManifests(text, source))
      found.push({ path, index, object })
  }
  return found
}

function folderOf(path: string): string {
  const folder = posix.dirname(path)
  return folder === '.' ? '' : folder
}

/** The one that is named, else the one that the path itself is, else the only one there is. */
async function renderedManifests(
  { repository, paths, render, kustomization }: AppPaths,
  commit: string,
  folders: readonly string[],
): Promise<readonly GitManifest[]> {
  const given = kustomization ?? paths.map((path) => (path === '.' ? '' : path))[0]
  const own = folders.find((folder) => folder === given)
  const folder = own ?? (folders.length === 1 ? folders[0] : undefined)
  if (!render || folder === undefined) throw new NeedsRenderer(folders)
  const text = await render({ repository, commit, folder })
  const source = `${folder || '.'} at ${commit.slice(0, 12)}`
  const objects = await parseManifests(text, source)
  return objects.map(({ object, index }) => ({
    path: folder || '.',
    index,
    object,
    isRendered: true,
  }))
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

/** What a commit is held to. */
export interface Sought {
  readonly workload: WorkloadKey
  readonly template: PodTemplateSpec
  /** What the template read then; what neither this nor the commit knows of is no difference. */
  readonly configMaps?: readonly RecordedConfiguration[]
}

/** Whether a commit makes just this; not, where its manifests cannot be read. */
export async function isMadeBy(
  app: AppPaths,
  commit: string,
  { workload, template, configMaps = [] }: Sought,
): Promise<boolean> {
  const there = await templateAt(app, commit, workload)
  if (!there || !isSameTemplate(there, template)) return false
  if (configMaps.length === 0) return true
  const manifests = await manifestsAt(app, commit)
  const { namespace } = workload
  return configMaps.every(({ name, digest }) => {
    const manifest = findManifest(manifests, { kind: 'ConfigMap', namespace, name })
    if (!manifest || digest === undefined) return true
    return contentDigest(manifestContent(manifest.object)) === digest
  })
}

/**
 * The newest commit up to `ref` that makes this: recognises what bears no annotation. `limit`: how
 * many commits of the paths are looked at.
 */
export async function recogniseCommit(
  app: AppPaths,
  { ref, limit = 100, ...sought }: Sought & { readonly ref: string; readonly limit?: number },
): Promise<CommitFacts | undefined> {
  const { commits } = await pathLog(app.repository, ref, { paths: app.paths, limit })
  for (const commit of commits) {
    if (await isMadeBy(app, commit.commit, sought)) return commit
  }
  return undefined
}
