import type { Transport } from '../api/transport.ts'
import { isAncestor } from '../git/publish.ts'
import { driftOf, type ObjectDrift } from './drift-fields.ts'
import {
  type AppPaths,
  findManifest,
  manifestsAt,
  recogniseCommit,
} from './manifests/git-manifests.ts'
import {
  type LiveConfiguration,
  type ObservedWorkload,
  readConfiguration,
} from './observe-workload.ts'
import { writingOf } from './provenance.ts'
import { templateWriter } from './record/origin.ts'
import type { GitDebt, WorkloadKey } from './record/release.ts'
import { ReleaseError } from './release-error.ts'
import { type Journal, readJournal, type StepName } from './rollback/journal.ts'
import { templateOf } from './template.ts'

/** How live and Git came apart. */
export type DriftKind =
  | { readonly kind: 'none' }
  /** Live is an older commit of the path: the newer one was not applied yet. */
  | { readonly kind: 'git-ahead'; readonly liveCommit: string }
  /** Somebody has changed it in the cluster: who and when, where the server keeps that. */
  | { readonly kind: 'edited'; readonly by?: string; readonly at?: string }
  /** Brought back by a raw `kubectl rollout undo`. */
  | { readonly kind: 'undone'; readonly liveCommit?: string }
  | { readonly kind: 'git-owed'; readonly debt: GitDebt }
  /** A rollback has begun and not ended: Git has moved, and the cluster has not yet. */
  | {
      readonly kind: 'interrupted'
      readonly verb: Journal['verb']
      readonly target: string
      readonly startedAt: string
      /** The last step that is noted. */
      readonly after?: StepName
    }

export interface Drift {
  readonly cause: DriftKind
  readonly objects: readonly ObjectDrift[]
  /** The commit that live was compared with. */
  readonly commit: string
  /** 0: none; 5: Git is owed; 6: drift. */
  readonly exitCode: 0 | 5 | 6
}

export interface DriftRequest {
  readonly app: AppPaths
  readonly workload: WorkloadKey
  /** The newest commit of the deploy branch, or what `--ref` means. */
  readonly commit: string
}

/** Compares live with a commit. Rejects with ReleaseError when the commit has no such workload. */
export async function readDrift(
  transport: Transport,
  observed: ObservedWorkload,
  request: DriftRequest,
): Promise<Drift> {
  const { app, workload, commit } = request
  const manifests = await manifestsAt(app, commit)
  const manifest = findManifest(manifests, workload)
  if (!manifest) {
    throw new ReleaseError(
      `${app.paths.join(', ')} has no ${workload.name} at ${commit.slice(0, 12)}`,
    )
  }
  // What Git's template reads counts, even if the live one does not read it any more.
  const gitTemplate = templateOf(manifest.object) ?? observed.template
  const read = await readConfiguration(transport, workload.namespace, gitTemplate)
  const objects = driftOf(withConfiguration(observed, read), manifest, manifests)
  const cause = await causeOf(transport, observed, { ...request, objects })
  const exitCode = cause.kind === 'git-owed' ? 5 : objects.length > 0 ? 6 : 0
  return { cause, objects, commit, exitCode }
}

function withConfiguration(observed: ObservedWorkload, read: LiveConfiguration): ObservedWorkload {
  const names = [...observed.references.configMaps, ...read.references.configMaps]
  return {
    ...observed,
    references: { ...observed.references, configMaps: [...new Set(names)].sort() },
    configMaps: new Map([...observed.configMaps, ...read.configMaps]),
  }
}

async function causeOf(
  transport: Transport,
  observed: ObservedWorkload,
  request: DriftRequest & { readonly objects: readonly ObjectDrift[] },
): Promise<DriftKind> {
  const { objects, app, workload, commit } = request
  const open = await readJournal(transport, observed.object)
  const debt = openDebt(observed, objects, open?.journal)
  if (debt) return { kind: 'git-owed', debt }
  if (objects.length === 0) return { kind: 'none' }
  if (open) return interrupted(open.journal)
  const { object, template, releases } = observed
  const writing = writingOf(object.metadata.annotations, template)
  const last = releases.at(-1)
  const signed = writing?.provenance.tree === 'dirty' ? undefined : writing?.provenance.commit
  if (last?.source === 'undo') {
    const liveCommit = last.provenance?.commit ?? signed
    return { kind: 'undone', ...(liveCommit && { liveCommit }) }
  }
  const liveCommit =
    signed ?? (await recogniseCommit(app, { ref: commit, workload, template }))?.commit
  const isBehind =
    liveCommit !== undefined &&
    liveCommit !== commit &&
    (await isAncestor(app.repository, liveCommit, commit))
  if (isBehind && (await isAsAt(observed, request, liveCommit))) {
    return { kind: 'git-ahead', liveCommit }
  }
  const [writer = templateWriter(object.metadata.managedFields)] = objects
    .flatMap(({ writers }) => writers)
    .sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? 1 : -1))
  return {
    kind: 'edited',
    ...(writer && { by: writer.manager }),
    ...(writer?.at && { at: writer.at }),
  }
}

/** Whether live is that commit in every field: else somebody has edited it besides. */
async function isAsAt(
  observed: ObservedWorkload,
  { app, workload }: DriftRequest,
  commit: string,
): Promise<boolean> {
  const manifests = await manifestsAt(app, commit).catch(() => [])
  const manifest = findManifest(manifests, workload)
  return manifest !== undefined && driftOf(observed, manifest, manifests).length === 0
}

/**
 * What Git owes: until it has what runs, or while a rollback that moves the cluster first has not
 * ended.
 */
function openDebt(
  { releases }: ObservedWorkload,
  objects: readonly ObjectDrift[],
  open: Journal | undefined,
): GitDebt | undefined {
  const recorded = releases.at(-1)?.gitOwed
  if (recorded) return objects.length > 0 ? recorded : undefined
  if (!open || objects.length === 0) return undefined
  const { git, startedAt, target } = open
  if (!git || open.steps.includes('commit')) return undefined
  return { since: startedAt, paths: git.paths, ...(target.commit && { commit: target.commit }) }
}

function interrupted({ verb, target, startedAt, steps, done }: Journal): DriftKind {
  const after = steps[done - 1]
  return { kind: 'interrupted', verb, target: target.label, startedAt, ...(after && { after }) }
}
