import { timestamp } from '../../base/clock.ts'
import { isGitError } from '../../git/git-error.ts'
import type { RemoteBranch } from '../../git/repository.ts'
import type { AppPaths } from '../manifests/git-manifests.ts'
import type { ObservedWorkload } from '../observe-workload.ts'
import { contentDigest } from '../record/configuration.ts'
import { recordRelease } from '../record/recorder.ts'
import { GitNotMoved, NoWorkload, RefusedByGuard } from '../release-error.ts'
import { defaultedWorkload, isSameTemplate, templateFingerprint } from '../template.ts'
import { rulesOf } from '../workload/rules-of.ts'
import {
  findTarget,
  keepContents,
  type ResolvedTarget,
  resolveTarget,
  type TargetSearch,
  type Wanted,
} from './find-target.ts'
import { type AppGit, knownHead, newestHead, type Publish } from './git-step.ts'
import { type ImageLookup, readGuardFacts } from './guard-facts.ts'
import { type GuardFacts, refusals } from './guards.ts'
import {
  hasOpenJournal,
  type Journal,
  openJournal,
  type StepName,
  type TargetState,
  underWay,
} from './journal.ts'
import { type RollbackReport, runTransaction, type Transaction } from './transaction.ts'

export interface RollbackRequest {
  readonly to: Wanted
  /** Where Git is; absent: the cluster alone moves. */
  readonly git?: {
    readonly app: AppPaths
    readonly deploy: RemoteBranch | undefined
    readonly publish: Publish
  }
  /** The target is what Git has: the cluster alone moves, and that is an apply. */
  readonly gitHasIt?: boolean
  readonly clusterFirst?: boolean
  /** Without `git`: what Git will owe, when the cluster moves first and no work tree is at hand. */
  readonly owedPaths?: readonly string[]
  readonly by?: string
  readonly reason?: string
  /** Change ConfigMaps that others read too. */
  readonly shared?: boolean
  /** Resume a paused Deployment. */
  readonly resume?: boolean
  readonly lookUpImage?: ImageLookup
}

/** Checked and ready: nothing is touched yet. */
export interface PreparedRollback {
  readonly observed: ObservedWorkload
  readonly journal: Journal
  readonly resolved: ResolvedTarget
  readonly facts: GuardFacts
  /** ConfigMaps that will change under running pods that have them mounted: these see it early. */
  readonly seenEarly: readonly string[]
  /** What will keep pods at the revision they have, in words; undefined: nothing. */
  readonly brake: string | undefined
  /** Names of pods that are deleted if the controller waits for them (D-1B). */
  readonly wouldBlock: readonly string[]
  /** Why the target was sought in what this clone knows; absent: the remote was asked. */
  readonly gitUnreachable: string | undefined
}

/**
 * Finds the target and checks what can be checked beforehand. Rejects with RefusedByGuard, and with
 * the errors of Git; in all cases nothing was touched but records of what runs.
 */
export async function prepareRollback(
  transaction: Transaction,
  request: RollbackRequest,
): Promise<PreparedRollback> {
  const { context, transport, workload } = transaction
  const observed = await recordRelease({ context, transport }, workload)
  if (!observed)
    throw new NoWorkload(`there is no ${workload.kind} ${workload.namespace}/${workload.name}`)
  if (await hasOpenJournal(transport, observed.object)) throw underWay(observed.object)
  const { git } = request
  const head = git && (await headFor(request, git))
  const search: TargetSearch = {
    observed,
    workload,
    app: git?.app,
    ...(head && { ref: head.commit }),
  }
  const resolved = await resolveTarget(transport, search, await findTarget(search, request.to))
  const { lookUpImage } = request
  const facts = await readGuardFacts(transport, observed, { resolved, lookUpImage })
  const found = refusals(facts, {
    shared: request.shared === true,
    resume: request.resume === true,
    clusterFirst: request.clusterFirst === true,
    pushes: git?.publish.type === 'push',
  })
  if (found.length > 0) throw new RefusedByGuard(found)
  const journal = newJournal(transaction, request, { observed, resolved, facts })
  return {
    observed,
    journal,
    resolved,
    facts,
    ...foreseen(observed, resolved),
    gitUnreachable: head?.unreachable,
  }
}

/**
 * The commit whose past holds the target. An emergency does not wait for a remote that is down.
 */
async function headFor(
  { clusterFirst }: RollbackRequest,
  { app: { repository }, deploy }: Required<RollbackRequest>['git'],
): Promise<{ readonly commit: string; readonly unreachable?: string }> {
  try {
    return { commit: await newestHead(repository, deploy) }
  } catch (error) {
    if (!isGitError(error, 'no-remote')) throw error
    if (clusterFirst) {
      return { commit: await knownHead(repository, deploy), unreachable: error.message }
    }
    const hint = '--cluster-first moves the cluster now; Git is owed then'
    throw new GitNotMoved(`Git was not moved, and so nothing was: ${error.message}`, hint)
  }
}

/**
 * Takes the workload and runs every step. What it rejects with says what has moved and what has
 * not.
 */
export async function runRollback(
  transaction: Transaction,
  { observed, journal, resolved }: PreparedRollback,
): Promise<RollbackReport> {
  const { transport, context } = transaction
  await keepContents(transport, observed, resolved.contents)
  const holder = context.ids.uid()
  const entry = { journal, beatMs: context.clock.now(), holder }
  await openJournal(transport, observed.object, entry)
  return runTransaction(transaction, { object: observed.object, journal, holder })
}

function foreseen(observed: ObservedWorkload, resolved: ResolvedTarget) {
  const { object } = observed
  const { manifest, template } = resolved.state
  const rules = rulesOf(object)
  const blocking = rules.podsThatWouldBlock(object, observed, template)
  return {
    seenEarly: seenEarly(observed, resolved),
    brake: rules.brake((manifest && defaultedWorkload(manifest)) ?? object),
    wouldBlock: blocking.map(({ metadata }) => metadata.name ?? ''),
  }
}

function newJournal(
  { context }: Transaction,
  request: RollbackRequest,
  { observed, resolved, facts }: Pick<PreparedRollback, 'observed' | 'resolved' | 'facts'>,
): Journal {
  const { clusterFirst = false, by, reason } = request
  const git = request.gitHasIt ? undefined : request.git
  const last = observed.releases.at(-1)
  const { state, paths } = resolved
  const isOnlyConfiguration =
    isSameTemplate(observed.template, state.template) &&
    changedConfiguration(observed, resolved).length > 0
  // Files that are others' too are edited: what else the old manifest says is then no part of it.
  const isEdited = git !== undefined && paths === undefined && !clusterFirst
  const meant = isEdited ? withoutManifests(state) : state
  const isOwned = facts.owner !== undefined && !facts.owner.isSuspended
  return {
    operation: context.ids.uid(),
    verb: verbOf(request),
    startedAt: timestamp(context.clock.now()),
    by,
    reason,
    steps: stepsFor({ hasGit: git !== undefined, clusterFirst, isOwned }),
    done: 0,
    target: { ...meant, ...(isOnlyConfiguration && { restart: true }) },
    from: {
      release: last?.number ?? 0,
      commit: last?.provenance?.commit,
      template: templateFingerprint(observed.template),
    },
    git: git
      ? {
          paths: paths ?? git.app.paths,
          deploy: git.deploy,
          publish: git.publish,
          restoreFrom: paths && state.commit,
        }
      : owed(request),
    resume: request.resume === true,
    commit: undefined,
    waitsIn: undefined,
  }
}

function withoutManifests({ manifest: _, configMaps, ...state }: TargetState): TargetState {
  const bare = configMaps.map(({ name, digest }) => ({ name, digest }))
  return { ...state, configMaps: bare }
}

function verbOf({ to, gitHasIt }: RollbackRequest): Journal['verb'] {
  if (gitHasIt) return 'apply'
  return to.type === 'redo' ? 'redo' : 'rollback'
}

function owed({ clusterFirst, owedPaths }: RollbackRequest): AppGit | undefined {
  if (!clusterFirst || !owedPaths) return undefined
  const publish = { type: 'local' } as const
  return { paths: owedPaths, deploy: undefined, publish, restoreFrom: undefined }
}

function stepsFor(how: {
  readonly hasGit: boolean
  readonly clusterFirst: boolean
  readonly isOwned: boolean
}): readonly StepName[] {
  if (how.isOwned) return ['commit', 'sync', 'record', 'verdict']
  const cluster: readonly StepName[] = ['configuration', 'template', 'record', 'verdict']
  return how.hasGit && !how.clusterFirst ? ['commit', ...cluster] : cluster
}

/** Names of the live ConfigMaps whose content the target changes. */
function changedConfiguration(
  { configMaps }: ObservedWorkload,
  { state }: ResolvedTarget,
): readonly string[] {
  return state.configMaps
    .filter(({ name, digest }) => {
      const live = configMaps.get(name)
      return live !== undefined && contentDigest(live) !== digest
    })
    .map(({ name }) => name)
}

function seenEarly(observed: ObservedWorkload, resolved: ResolvedTarget): readonly string[] {
  const { mounted } = observed.references
  return changedConfiguration(observed, resolved).filter((name) => mounted.has(name))
}
