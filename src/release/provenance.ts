import { basename } from 'node:path'
import type { PodTemplateSpec } from '../api/generated/types.ts'
import {
  appliedByAnnotation,
  authorAnnotation,
  changeCauseAnnotation,
  commitAnnotation,
  operationAnnotation,
  pathAnnotation,
  reasonAnnotation,
  repositoryAnnotation,
  restoresAnnotation,
  sourceAnnotation,
  subjectAnnotation,
  templateHashAnnotation,
  treeAnnotation,
} from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import { commitFacts } from '../git/commit-facts.ts'
import { withoutCredentials } from '../git/git-error.ts'
import {
  deployBranch,
  findRepository,
  headCommit,
  isClean,
  pathInRepository,
  type Repository,
  remoteUrl,
} from '../git/repository.ts'
import { parseReleaseLabel, releaseLabel } from './release-label.ts'
import { templateFingerprint } from './template.ts'

/** Where a template comes from; what nobody knows is absent. */
export interface Provenance {
  /** The remote's address without credentials; the folder's name where there is no remote. */
  readonly repository?: string
  /** The full id. */
  readonly commit?: string
  /** The file or folder that was applied, below the repository's root. */
  readonly path?: string
  /** Whether the path was as the commit has it. */
  readonly tree?: 'clean' | 'dirty'
  readonly author?: string
  readonly subject?: string
  readonly appliedBy?: string
  readonly reason?: string
}

/** By what a template was written, as the writer says. */
export type WrittenBy = 'apply' | 'rollback' | 'redo'

export interface Writing {
  readonly provenance: Provenance
  readonly source: WrittenBy
  /** One id per writing command. */
  readonly operation: string
  /** The number of the release that a rollback brought back. */
  readonly restores?: number
}

const fields = {
  repository: repositoryAnnotation,
  commit: commitAnnotation,
  path: pathAnnotation,
  tree: treeAnnotation,
  author: authorAnnotation,
  subject: subjectAnnotation,
  appliedBy: appliedByAnnotation,
  reason: reasonAnnotation,
} as const satisfies Record<keyof Provenance, string>

/** Every annotation of a provenance: a writer replaces all of them at once. */
export const provenanceKeys: readonly string[] = [
  ...Object.values(fields),
  sourceAnnotation,
  operationAnnotation,
  restoresAnnotation,
  templateHashAnnotation,
]

/** An object without what is said of where its template comes from. */
export function withoutProvenance<T extends KubeObject>(object: T): T {
  return withoutAnnotations(object, provenanceKeys)
}

export function withoutAnnotations<T extends KubeObject>(object: T, keys: readonly string[]): T {
  const given = Object.entries(object.metadata.annotations ?? {})
  const kept = given.filter(([key]) => !keys.includes(key))
  return { ...object, metadata: { ...object.metadata, annotations: Object.fromEntries(kept) } }
}

type Annotations = { readonly [key: string]: string }

/** What to write in the same request as the template, which must be as the server defaults it. */
export function provenanceAnnotations(
  { provenance, source, operation, restores }: Writing,
  template: PodTemplateSpec,
): Annotations {
  const said = Object.entries(fields).flatMap(([field, key]) => {
    const value = provenance[field as keyof Provenance]
    return value === undefined || value === '' ? [] : [[key, value] as const]
  })
  return {
    ...Object.fromEntries(said),
    [sourceAnnotation]: source,
    [operationAnnotation]: operation,
    ...(restores !== undefined && { [restoresAnnotation]: releaseLabel(restores) }),
    [templateHashAnnotation]: templateFingerprint(template),
    [changeCauseAnnotation]: changeCause(provenance, source),
  }
}

/**
 * What annotations say of a template, of a workload or a ReplicaSet; undefined when they were
 * written for another template (somebody has edited since): unknown, never the old commit.
 */
export function writingOf(
  annotations: Annotations | undefined,
  template: PodTemplateSpec,
): Writing | undefined {
  const operation = annotations?.[operationAnnotation]
  if (!annotations || operation === undefined) return undefined
  if (annotations[templateHashAnnotation] !== templateFingerprint(template)) return undefined
  const provenance = Object.fromEntries(
    Object.entries(fields).flatMap(([field, key]) => {
      const value = annotations[key]
      return value === undefined ? [] : [[field, value]]
    }),
  ) as Provenance
  const by = annotations[sourceAnnotation]
  const restores = parseReleaseLabel(annotations[restoresAnnotation] ?? '')
  return {
    provenance,
    operation,
    source: by === 'rollback' || by === 'redo' ? by : 'apply',
    ...(restores !== undefined && { restores }),
  }
}

/**
 * The text of `kubernetes.io/change-cause`, for this revision only: stock `rollout history` shows
 * it.
 */
export function changeCause(provenance: Provenance, source: WrittenBy): string {
  const { commit, subject, tree, reason, path, appliedBy } = provenance
  const what = subject ?? path ?? 'by hand'
  const where = commit ? ` (${commit.slice(0, 12)}${tree === 'dirty' ? ', dirty' : ''})` : ''
  const why = reason ? `: ${reason}` : ''
  const who = appliedBy ? `, by ${appliedBy}` : ''
  return `${source} ${what}${where}${why}${who}`.replace(/\s+/g, ' ')
}

/**
 * What Git says of a file or folder; no commit outside of a work tree. Time and who are the
 * caller's. `readsElsewhere`: what is made of the path depends on others, so all has to be clean.
 */
export async function provenanceOfPath(
  path: string,
  said: Pick<Provenance, 'appliedBy' | 'reason'>,
  { readsElsewhere = false }: { readonly readsElsewhere?: boolean } = {},
): Promise<Provenance> {
  const repository = await findRepository(path)
  const commit = repository && (await headCommit(repository))
  if (!repository || !commit) return said
  const below = await pathInRepository(repository, path)
  const { author, subject } = await commitFacts(repository, commit)
  const scope = below === '' || readsElsewhere ? [] : [below]
  const tree = (await isClean(repository, scope)) ? 'clean' : 'dirty'
  return {
    ...said,
    repository: await repositoryName(repository),
    commit,
    path: below === '' ? '.' : below,
    tree,
    author,
    subject,
  }
}

/** What a provenance calls a repository: see `Provenance.repository`. */
export async function repositoryName(repository: Repository): Promise<string> {
  const remote = (await deployBranch(repository))?.remote
  const url = remote === undefined ? undefined : await remoteUrl(repository, remote)
  return withoutCredentials(url ?? basename(repository.root))
}
