import { isJsonObject, type JsonObject } from '../../api/json.ts'
import { configMaps } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import { pathLog, resolveCommit, timeOf } from '../../git/commit-facts.ts'
import { parseRevision } from '../../rollout/revisions.ts'
import { isWorkloadKind } from '../../rollout/workload.ts'
import {
  type AppPaths,
  findManifest,
  type GitManifest,
  isMadeBy,
  manifestsAt,
  recogniseCommit,
  type Sought,
  templateAt,
} from '../manifests/git-manifests.ts'
import { found, type ObservedWorkload } from '../observe-workload.ts'
import {
  type ConfigContent,
  contentDigest,
  contentOf,
  manifestContent,
  referencesOf,
} from '../record/configuration.ts'
import { configurationName, configurationObject } from '../record/record-object.ts'
import { ensure } from '../record/recorder.ts'
import { positionOf, type Release, type WorkloadKey } from '../record/release.ts'
import { RefusedByGuard, ReleaseError } from '../release-error.ts'
import { parseReleaseLabel, releaseLabel } from '../release-label.ts'
import { isSameTemplate, templateOf } from '../template.ts'
import type { KeptRevision } from '../workload/workload-rules.ts'
import type { TargetState } from './journal.ts'
import { redoTarget, releaseAt, rollbackCandidates } from './line.ts'

/** Where to go: by default the newest healthy release before this one. */
export type Wanted =
  | { readonly type: 'default' }
  | { readonly type: 'redo' }
  /** `r7`, a commit, a tag or a time. */
  | { readonly type: 'to'; readonly text: string }
  /** Kubernetes' revision number. */
  | { readonly type: 'revision'; readonly revision: string }

export type FoundTarget =
  | { readonly type: 'release'; readonly release: Release }
  | { readonly type: 'commit'; readonly commit: string }
  | { readonly type: 'revision'; readonly kept: KeptRevision; readonly revision: bigint }

export interface TargetSearch {
  readonly observed: ObservedWorkload
  readonly workload: WorkloadKey
  /** Where commits are looked for; absent: there is no Git. */
  readonly app: AppPaths | undefined
  /** The branch whose commits count; default HEAD. */
  readonly ref?: string
}

/**
 * Finds what is meant. Rejects with RefusedByGuard (`no-target`) or ReleaseError, in words for
 * people.
 */
export async function findTarget(search: TargetSearch, wanted: Wanted): Promise<FoundTarget> {
  const { releases } = search.observed
  switch (wanted.type) {
    case 'default': {
      const best = rollbackCandidates(releases)[0]
      if (best) return { type: 'release', release: best.release }
      const [first] = releases.length > 1 ? [] : await dayZeroCandidates(search)
      if (first) return first
      throw noTarget(
        'there is no release to go back to: each before this one failed, ran the same or was left by going back',
      )
    }
    case 'redo': {
      const state = redoTarget(releases)
      if (state) return { type: 'release', release: state.release }
      throw noTarget('there is nothing to go forward to: no rollback came before')
    }
    case 'revision':
      return byRevision(search.observed, wanted.revision)
    case 'to':
      return byText(search, wanted.text)
  }
}

function noTarget(message: string): RefusedByGuard {
  const hint = '`astern history` shows what there is; --to names one of them'
  return new RefusedByGuard([{ guard: 'no-target', message, hint }])
}

/**
 * Without records: the revisions that Kubernetes keeps, the newest first, then commits of the path,
 * of neither of which it is known whether they were healthy.
 */
export async function dayZeroCandidates(search: TargetSearch): Promise<readonly FoundTarget[]> {
  const { observed, app, workload, ref = 'HEAD' } = search
  const revisions = observed.revisions
    .filter((each) => each !== observed.running)
    .flatMap((kept) => {
      const revision = kept.number ?? 0n
      return revision > 0n ? [{ type: 'revision', kept, revision } as const] : []
    })
    .sort((a, b) => (a.revision < b.revision ? 1 : -1))
  const { commits } = app
    ? await pathLog(app.repository, ref, { paths: app.paths })
    : { commits: [] }
  const others: FoundTarget[] = []
  let isPastLive = false
  for (const { commit } of commits) {
    const template = app && (await templateAt(app, commit, workload))
    if (!template) continue
    const isLive = isSameTemplate(template, observed.template)
    if (isPastLive && !isLive) others.push({ type: 'commit', commit })
    isPastLive ||= isLive
  }
  return [...revisions, ...others]
}

function byRevision({ revisions, releases }: ObservedWorkload, text: string): FoundTarget {
  const revision = parseRevision(text)
  const release = [...releases].reverse().find((each) => each.revision === text)
  const kept = revisions.find(({ number }) => number === revision)
  if (kept && revision !== undefined) {
    const isRecorded = release && isSameTemplate(release.template, kept.template)
    return isRecorded ? { type: 'release', release } : { type: 'revision', kept, revision }
  }
  if (release) return { type: 'release', release }
  throw noTarget(`there is no revision ${text}`)
}

async function byText(search: TargetSearch, text: string): Promise<FoundTarget> {
  const { releases } = search.observed
  const number = parseReleaseLabel(text)
  if (number !== undefined) {
    const release = releases.find((each) => each.number === number)
    if (release) return { type: 'release', release }
    throw noTarget(`there is no release ${text}`)
  }
  const timeMs = timeOf(text)
  const ran = timeMs === undefined ? undefined : releaseAt(releases, timeMs)
  if (ran) return { type: 'release', release: ran }
  if (!search.app) {
    throw new ReleaseError(
      `${text} names a commit, but no Git repository is known`,
      'run it in the work tree',
    )
  }
  const commit = await resolveCommit(search.app.repository, text, search.ref)
  const recorded = await releaseOf(search.app, commit, search)
  return recorded ? { type: 'release', release: recorded } : { type: 'commit', commit }
}

/** The newest release that ran just what a commit has: not what was edited or undone since. */
async function releaseOf(
  app: AppPaths,
  commit: string,
  { observed, workload }: TargetSearch,
): Promise<Release | undefined> {
  for (const release of [...observed.releases].reverse()) {
    const { provenance, template, configMaps } = release
    if (provenance?.commit !== commit || provenance.tree === 'dirty') continue
    if (await isMadeBy(app, commit, { workload, template, configMaps })) return release
  }
  return undefined
}

/** The whole of a target: template, manifest, the commit that has it, and the content it reads. */
export interface ResolvedTarget {
  readonly state: TargetState
  /** To be kept beside the releases before anything begins. */
  readonly contents: readonly ConfigContent[]
  /** Files of the app to restore; absent: no commit matches. */
  readonly paths: readonly string[] | undefined
  readonly imageIds: { readonly [container: string]: string }
}

export async function resolveTarget(
  transport: Transport,
  search: TargetSearch,
  target: FoundTarget,
): Promise<ResolvedTarget> {
  const { app, workload } = search
  const commit = app && (await commitOf(search, app, target))
  const manifests = app && commit ? await manifestsAt(app, commit) : []
  const manifest = findManifest(manifests, workload)
  const template = templateOfTarget(target) ?? (manifest && templateOf(manifest.object))
  if (!template) throw noTarget(`the commit ${commit?.slice(0, 12)} has no ${workload.name}`)
  const recorded = target.type === 'release' ? target.release : undefined
  const configured = await configurationOf(transport, { search, recorded, manifests, template })
  const state: TargetState = {
    label: labelOf(target),
    template,
    configMaps: configured.map(({ name, content, manifest: from }) => ({
      name,
      digest: contentDigest(content),
      ...(from && { manifest: from }),
    })),
    ...(recorded && { restores: positionOf(recorded), secrets: keptSecrets(recorded) }),
    ...(manifest && { manifest: manifest.object }),
    ...(commit && { commit }),
  }
  const contents = configured.map(({ content }) => content)
  const paths = app && commit ? await ownPaths(app, commit, search) : undefined
  return { state, contents, paths, imageIds: recorded?.imageIds ?? {} }
}

function keptSecrets({ secrets }: Release) {
  return secrets.flatMap(({ name, kept }) => (kept === undefined ? [] : [{ name, kept }]))
}

function templateOfTarget(target: FoundTarget) {
  if (target.type === 'release') return target.release.template
  return target.type === 'revision' ? target.kept.template : undefined
}

export function labelOf(target: FoundTarget): string {
  if (target.type === 'release') return releaseLabel(target.release.number)
  if (target.type === 'revision') return `revision ${target.revision}`
  return `commit ${target.commit.slice(0, 12)}`
}

/**
 * The commit that makes the target, its configuration included: what its record says if that is
 * true, else one that is recognised.
 */
async function commitOf(
  search: TargetSearch,
  app: AppPaths,
  target: FoundTarget,
): Promise<string | undefined> {
  const { workload, ref = 'HEAD' } = search
  if (target.type === 'commit') return target.commit
  const template = templateOfTarget(target)
  if (!template) return undefined
  const { provenance, configMaps: read = [] } = target.type === 'release' ? target.release : {}
  const sought: Sought = { workload, template, configMaps: read }
  const said = provenance?.commit
  if (said !== undefined && (await isKnown(app, said)) && (await isMadeBy(app, said, sought))) {
    return said
  }
  return (await recogniseCommit(app, { ref, ...sought }))?.commit
}

/** A shallow clone lacks commits. */
async function isKnown({ repository }: AppPaths, commit: string): Promise<boolean> {
  return (await resolveCommit(repository, commit).catch(() => undefined)) !== undefined
}

interface Configured {
  readonly name: string
  readonly content: ConfigContent
  readonly manifest?: JsonObject
}

/**
 * What the target reads: as the commit has it, so that Git and the cluster agree; else as it was
 * recorded. What neither knows stays as it is.
 */
async function configurationOf(
  transport: Transport,
  {
    search,
    recorded,
    manifests,
    template,
  }: {
    readonly search: TargetSearch
    readonly recorded: Release | undefined
    readonly manifests: readonly GitManifest[]
    readonly template: TargetState['template']
  },
): Promise<readonly Configured[]> {
  const { namespace } = search.workload
  const configured: Configured[] = []
  for (const name of referencesOf(template).configMaps) {
    const manifest = findManifest(manifests, { kind: 'ConfigMap', namespace, name })
    if (manifest) {
      const content = manifestContent(manifest.object)
      configured.push({ name, content, manifest: manifest.object })
      continue
    }
    const digest = recorded?.configMaps.find((each) => each.name === name)?.digest
    if (digest === undefined) continue
    const key = { namespace, name: configurationName(search.observed.object, digest) }
    const kept = await found(transport.get(configMaps, key))
    if (kept) configured.push({ name, content: contentOf(kept) })
  }
  return configured
}

/**
 * What must not move along: other workloads, and credentials, which may have been rotated since.
 */
function isKindApart(kind: unknown): boolean {
  return isWorkloadKind(kind) || otherKindsApart.has(String(kind))
}

const otherKindsApart = new Set(['Secret', 'ReplicaSet', 'Job', 'CronJob', 'Pod'])

/**
 * The files that are this workload's alone, at the target or now: it and the configuration it
 * reads.
 * undefined when one of them holds another workload or a Secret too, which must not move.
 */
async function ownPaths(
  app: AppPaths,
  commit: string,
  { observed: { template }, workload, ref = 'HEAD' }: TargetSearch,
): Promise<readonly string[] | undefined> {
  const { kind, name } = workload
  const reads = new Set(referencesOf(template).configMaps)
  const then = await manifestsAt(app, commit)
  const past = findManifest(then, workload)
  const pastTemplate = past && templateOf(past.object)
  for (const each of pastTemplate ? referencesOf(pastTemplate).configMaps : []) reads.add(each)
  const now = await manifestsAt(app, ref)
  const isOwn = ({ object }: GitManifest) => {
    const metadata = isJsonObject(object.metadata) ? object.metadata : {}
    if (object.kind === kind) return metadata.name === name
    return object.kind === 'ConfigMap' && reads.has(String(metadata.name))
  }
  const all = [...then, ...now]
  const paths = [...new Set(all.filter(isOwn).map(({ path }) => path))].sort()
  const isShared = all.some(
    (each) => paths.includes(each.path) && isKindApart(each.object.kind) && !isOwn(each),
  )
  if (isShared) return undefined
  // What kustomize makes has no file of its own: all that the app was said to be comes back.
  return all.some((each) => each.isRendered) ? app.paths : paths
}

/** Keeps what the target reads beside the releases. */
export async function keepContents(
  transport: Transport,
  { object }: ObservedWorkload,
  contents: readonly ConfigContent[],
): Promise<void> {
  for (const content of contents) {
    await ensure(transport, configMaps, configurationObject(object, content))
  }
}
