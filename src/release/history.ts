import { changeCauseAnnotation } from '../api/names.ts'
import type { Transport } from '../api/transport.ts'
import { type CommitFacts, pathLog } from '../git/commit-facts.ts'
import { type AppPaths, templateAt } from './manifests/git-manifests.ts'
import type { ObservedWorkload } from './observe-workload.ts'
import { type Provenance, writingOf } from './provenance.ts'
import { isRunning } from './record/next-record.ts'
import {
  type GitDebt,
  type Health,
  imagesOf,
  type Release,
  type ReleaseSource,
  type WorkloadKey,
} from './record/release.ts'
import { type Journal, readJournal } from './rollback/journal.ts'
import { isSameTemplate } from './template.ts'
import type { KeptRevision } from './workload/workload-rules.ts'

/** One line of `astern history`; what nobody knows is absent. */
export interface HistoryRow {
  /**
   * `recorded`; `replica-set` or `controller-revision`, which keep it: it ran before there were
   * records; `commit`: it never ran.
   */
  readonly type: 'recorded' | 'replica-set' | 'controller-revision' | 'commit'
  readonly release?: number
  readonly revision?: string
  /** RFC 3339. */
  readonly when?: string
  readonly who?: string
  readonly why?: string
  readonly commit?: string
  readonly tree?: 'clean' | 'dirty'
  /** Nobody said that it comes from the commit: the commit makes the same template. */
  readonly isRecognised?: boolean
  readonly images: readonly string[]
  readonly health: Health
  /** Since when it is healthy, or when it failed. */
  readonly healthAt?: string
  readonly failedBecause?: string
  readonly source?: ReleaseSource
  /** It brought this release's state back. */
  readonly restores?: number
  readonly isLive: boolean
  readonly isPinned: boolean
  readonly gitOwed?: GitDebt
}

export interface History {
  /** The oldest first. */
  readonly rows: readonly HistoryRow[]
  /** The clone is shallow: older commits are not known here. */
  readonly isShallow: boolean
  /** A rollback that has begun and not ended. */
  readonly underWay: Journal | undefined
}

/** Everything that is known of what a workload was, is, and was meant to be. */
export async function readHistory(
  transport: Transport,
  observed: ObservedWorkload,
  git?: { readonly app: AppPaths; readonly ref: string; readonly workload: WorkloadKey },
): Promise<History> {
  const log = git && (await pathLog(git.app.repository, git.ref, { paths: git.app.paths }))
  const open = await readJournal(transport, observed.object)
  const commits = log?.commits ?? []
  const recognised = git ? await recogniseReleases(observed, git, commits) : new Map()
  return {
    rows: mergeHistory(observed, commits, recognised),
    isShallow: log?.isShallow ?? false,
    underWay: open?.journal,
  }
}

type Recognised = ReadonlyMap<Release, CommitFacts>

/** How many commits are looked into for the releases that nobody signed. */
const recognisedMax = 50

/** For releases that bear no commit: the newest one before it ran that makes the same template. */
async function recogniseReleases(
  { releases }: ObservedWorkload,
  { app, workload }: { readonly app: AppPaths; readonly workload: WorkloadKey },
  commits: readonly CommitFacts[],
): Promise<Recognised> {
  const unsigned = releases.filter(({ provenance }) => provenance?.commit === undefined)
  const found = new Map<Release, CommitFacts>()
  for (const commit of commits.slice(0, recognisedMax)) {
    const open = unsigned.filter(
      (each) => !found.has(each) && Date.parse(commit.committedAt) <= Date.parse(each.at),
    )
    if (unsigned.every((each) => found.has(each))) break
    const template = open.length > 0 && (await templateAt(app, commit.commit, workload))
    if (!template) continue
    for (const each of open) if (isSameTemplate(each.template, template)) found.set(each, commit)
  }
  return found
}

/**
 * Release records, revisions that are older than these, and commits of the path that never ran.
 */
export function mergeHistory(
  observed: ObservedWorkload,
  commits: readonly CommitFacts[],
  recognised: Recognised = new Map(),
): readonly HistoryRow[] {
  const { releases, running } = observed
  const last = releases.at(-1)
  const recorded = releases.map((release) => ({
    ...recognisedFields(recognised.get(release)),
    ...recordedRow(release, release === last && isRunning(release, observed)),
  }))
  const unrecorded = numberedRevisions(observed)
    .filter(({ template }) => !releases.some((each) => isSameTemplate(each.template, template)))
    .map((revision) => revisionRow(revision, revision === running))
  const known = new Set([...recorded, ...unrecorded].map(({ commit }) => commit))
  const unrun = commits.filter(({ commit }) => !known.has(commit)).map(commitRow)
  return [...unrecorded, ...recorded, ...unrun].sort(byTime)
}

/** Stable: what has no time stays where it is. Numbers decide between records. */
function byTime(a: HistoryRow, b: HistoryRow): number {
  if (a.release !== undefined && b.release !== undefined) return a.release - b.release
  return Date.parse(a.when ?? '') - Date.parse(b.when ?? '') || 0
}

/** One for each number, ascending. */
function numberedRevisions({ revisions }: ObservedWorkload): readonly KeptRevision[] {
  const rows = new Map<bigint, KeptRevision>()
  for (const each of revisions) if (each.number !== undefined) rows.set(each.number, each)
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, revision]) => revision)
}

function provenanceFields(provenance: Provenance | undefined): Partial<HistoryRow> {
  const { appliedBy, author, reason, subject, commit, tree } = provenance ?? {}
  const [who, why] = [appliedBy ?? author, reason ?? subject]
  return {
    ...(who !== undefined && { who }),
    ...(why !== undefined && { why }),
    ...(commit !== undefined && { commit }),
    ...(tree !== undefined && { tree }),
  }
}

/** Who made the commit did not thereby run it. */
function recognisedFields(commit: CommitFacts | undefined): Partial<HistoryRow> {
  return commit ? { commit: commit.commit, why: commit.subject, isRecognised: true } : {}
}

function recordedRow(release: Release, isLive: boolean): HistoryRow {
  const { number, revision, at, health, healthAt, why, source, restores, gitOwed } = release
  return {
    type: 'recorded',
    release: number,
    when: at,
    ...provenanceFields(release.provenance),
    images: imagesOf(release.template),
    health,
    source,
    isLive,
    isPinned: release.isPinned,
    ...(revision !== undefined && { revision }),
    ...(healthAt !== undefined && { healthAt }),
    ...(why !== undefined && { failedBecause: why }),
    ...(restores !== undefined && { restores }),
    ...(gitOwed !== undefined && { gitOwed }),
  }
}

function revisionRow({ number, template, object }: KeptRevision, isLive: boolean): HistoryRow {
  const { annotations, creationTimestamp } = object.metadata
  const writing = writingOf(annotations, template)
  const cause = annotations?.[changeCauseAnnotation]
  return {
    type: object.kind === 'ReplicaSet' ? 'replica-set' : 'controller-revision',
    revision: String(number),
    ...(creationTimestamp !== undefined && { when: creationTimestamp }),
    ...(cause !== undefined && { why: cause }),
    ...provenanceFields(writing?.provenance),
    images: imagesOf(template),
    health: 'unknown',
    isLive,
    isPinned: false,
  }
}

function commitRow({ commit, author, subject, committedAt }: CommitFacts): HistoryRow {
  return {
    type: 'commit',
    when: committedAt,
    who: author,
    why: subject,
    commit,
    images: [],
    health: 'unknown',
    isLive: false,
    isPinned: false,
  }
}
