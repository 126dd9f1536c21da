import type { Pod } from '../../api/generated/types.ts'
import { keyOf } from '../../api/object.ts'
import { pods } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import { sleep } from '../../base/clock.ts'
import type { Context } from '../../base/context.ts'
import { commitFacts } from '../../git/commit-facts.ts'
import { GitError } from '../../git/git-error.ts'
import { type Repository, remoteUrl } from '../../git/repository.ts'
import type { Workload } from '../../rollout/workload.ts'
import { type ObservedWorkload, observeWorkload } from '../observe-workload.ts'
import type { Provenance } from '../provenance.ts'
import { debtChanges } from '../record/record-object.ts'
import { annotateRelease, recordRelease } from '../record/recorder.ts'
import type { GitDebt, Release, WorkloadKey } from '../record/release.ts'
import { stageOf } from '../record/verdict.ts'
import { GitNotMoved, NoWorkload, ReleaseError } from '../release-error.ts'
import { releaseLabel } from '../release-label.ts'
import { isSameTemplate } from '../template.ts'
import { rulesOf } from '../workload/rules-of.ts'
import { Overtaken } from './cluster-step.ts'
import {
  commitRollback,
  findOperation,
  type GitOutcome,
  type GitRequest,
  newestHead,
} from './git-step.ts'
import {
  abandonedAfterMs,
  closeJournal,
  type Journal,
  readJournal,
  type StepName,
  takeJournal,
  underWay,
  writeJournal,
} from './journal.ts'
import { restoreConfiguration, targetConfiguration } from './restore-configuration.ts'
import { writeTemplate } from './write-template.ts'

export interface Transaction {
  readonly context: Pick<Context, 'clock' | 'ids' | 'prng'>
  readonly transport: Transport
  readonly workload: WorkloadKey
  /** Needed where Git is moved. */
  readonly repository: Repository | undefined
  readonly kustomize?: GitRequest['kustomize']
  /** How long to wait for a verdict, or for an owner to sync; default 10 minutes. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /**
   * Told at each step when it is done (`isNoted`: in the journal, too). What it throws ends the run
   * on the spot, as if it had been killed.
   */
  readonly onStep?: (step: StepName, isNoted: boolean) => void | Promise<void>
  /** Told before a pod that blocks the way back is deleted. */
  readonly onPodInTheWay?: (pod: Pod) => void
}

export interface RollbackReport {
  /**
   * `held`: what may move has moved, and `why` says what stays. `unwound`: an interrupted run had
   * touched nothing, and now nothing is left of it.
   */
  readonly outcome: 'healthy' | 'failed' | 'in-progress' | 'held' | 'unwound'
  /** Why it failed, in the pod's own words, or what it waits for. */
  readonly why: string | undefined
  readonly target: string
  /** The release that runs now. */
  readonly release: Release | undefined
  readonly git: GitOutcome | undefined
  readonly owed: GitDebt | undefined
  /** Names of pods that blocked the way back and were deleted (D-1B). */
  readonly deletedPods: readonly string[]
}

const pollMs = 1000
const beatMs = 10_000

/** Runs what is left of a transaction to its end, and takes its journal away. */
export async function runTransaction(
  transaction: Transaction,
  begun: Begun,
): Promise<RollbackReport> {
  const run = new Run(transaction, begun)
  return run.toTheEnd()
}

/** A transaction whose journal is ours. */
export interface Begun {
  readonly object: Workload
  readonly journal: Journal
  readonly holder: string
}

/**
 * Finishes what an interrupted run has left; unwinds it where neither Git nor the cluster has
 * moved. undefined: nothing was interrupted. Rejects with RefusedByGuard while somebody is at it.
 */
export async function continueTransaction(
  transaction: Transaction,
): Promise<RollbackReport | undefined> {
  const { transport, workload, context, repository } = transaction
  const observed = await observeWorkload(transport, workload)
  const open = observed && (await readJournal(transport, observed.object))
  if (!open) return undefined
  const { object } = observed
  if (context.clock.now() - open.beatMs < abandonedAfterMs) throw underWay(object)
  const { journal } = open
  const holder = context.ids.uid()
  const isBeforeGit = journal.steps[journal.done] === 'commit' && journal.git !== undefined
  if (isBeforeGit && !repository) {
    throw new ReleaseError(
      `a rollback of ${workload.name} to ${journal.target.label} was interrupted while Git was moved`,
      'run it again in the work tree of the repository',
    )
  }
  await takeJournal(transport, object, { open, beatMs: context.clock.now(), holder })
  if (isBeforeGit && repository && journal.git) {
    const head = await newestHead(repository, journal.git.deploy)
    const landed = await findOperation(repository, head, {
      git: journal.git,
      operation: journal.operation,
    })
    if (landed === undefined) {
      await closeJournal(transport, object, holder)
      return { ...nothingKnown(journal), outcome: 'unwound', release: observed.releases.at(-1) }
    }
  }
  return runTransaction(transaction, { object, journal, holder })
}

function nothingKnown(journal: Journal) {
  return {
    why: undefined,
    target: journal.target.label,
    release: undefined,
    git: undefined,
    owed: undefined,
    deletedPods: [],
  }
}

class Run {
  readonly #options: Transaction
  readonly #object: Workload
  readonly #holder: string
  #journal: Journal
  #git: GitOutcome | undefined
  #owed: GitDebt | undefined
  readonly #deletedPods: string[] = []
  #end: Pick<RollbackReport, 'outcome' | 'why'> = { outcome: 'healthy', why: undefined }

  constructor(options: Transaction, { object, journal, holder }: Begun) {
    this.#options = options
    this.#object = object
    this.#journal = journal
    this.#holder = holder
  }

  async toTheEnd(): Promise<RollbackReport> {
    const { transport, onStep, workload } = this.#options
    while (this.#journal.done < this.#journal.steps.length) {
      const step = this.#journal.steps[this.#journal.done] as StepName
      const learned = await this.#beating(() => this.#unlessOvertaken(step))
      if (!learned) break
      await onStep?.(step, false)
      await this.#note({ ...learned, done: this.#journal.done + 1 })
      await onStep?.(step, true)
    }
    await closeJournal(transport, this.#object, this.#holder)
    const observed = await observeWorkload(transport, workload)
    const { target } = this.#journal
    const release = observed?.releases.at(-1)
    const owed = this.#owed ?? release?.gitOwed
    return {
      ...this.#end,
      target: target.label,
      release,
      git: this.#git,
      owed,
      deletedPods: this.#deletedPods,
    }
  }

  /** undefined: it ends here, for the cluster is somebody else's now. */
  async #unlessOvertaken(step: StepName): Promise<Partial<Journal> | undefined> {
    try {
      return await this.#perform(step)
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error
      this.#end = { outcome: 'failed', why: error.message }
      return undefined
    }
  }

  async #note(changes: Partial<Journal>): Promise<void> {
    this.#journal = { ...this.#journal, ...changes }
    const { context } = this.#options
    const entry = () => ({
      journal: this.#journal,
      beatMs: context.clock.now(),
      holder: this.#holder,
    })
    await writeJournal(this.#options, this.#object, entry)
  }

  /** Says again and again that somebody is at work, be it on a push that takes minutes. */
  async #beating<T>(work: () => Promise<T>): Promise<T> {
    const { clock } = this.#options.context
    const ending = new AbortController()
    const beat = async () => {
      for (;;) {
        await sleep(clock, beatMs, ending.signal)
        if (ending.signal.aborted) return
        // What is wrong shows when the step is noted.
        await this.#note({}).catch(() => {})
      }
    }
    const beats = beat()
    try {
      return await work()
    } finally {
      ending.abort()
      await beats
    }
  }

  async #perform(step: StepName): Promise<Partial<Journal>> {
    const cluster = { ...this.#options, object: this.#object, journal: this.#journal }
    switch (step) {
      case 'commit':
        return this.#commit()
      case 'configuration':
        await restoreConfiguration(cluster)
        return {}
      case 'template':
        await writeTemplate(cluster, await this.#provenance())
        return {}
      case 'sync':
        await this.#awaitOwner()
        return {}
      case 'record':
        await this.#record()
        return {}
      case 'verdict':
        await this.#awaitVerdict()
        return {}
    }
  }

  async #commit(): Promise<Partial<Journal>> {
    const { repository, workload, transport, kustomize = {} } = this.#options
    const { git, target, operation } = this.#journal
    if (!git) return {}
    const kept = { transport, object: this.#object, journal: this.#journal }
    if (!repository)
      throw new ReleaseError('the Git repository is not known', 'run it in the work tree')
    try {
      this.#git = await commitRollback({
        repository,
        git,
        workload,
        kustomize,
        template: target.template,
        configuration: await targetConfiguration(kept),
        operation,
        ...commitText(this.#journal, workload),
      })
    } catch (error) {
      if (!(error instanceof GitError) && !(error instanceof ReleaseError)) throw error
      // Nothing else has moved yet: there is nothing to remember.
      await closeJournal(transport, this.#object, this.#holder)
      const hint =
        '--branch NAME or --patch FILE leave the commit for others; --cluster-first moves the cluster now'
      throw new GitNotMoved(`Git was not moved, and so nothing was: ${error.message}`, hint)
    }
    const { commit, waitsIn } = this.#git
    return { commit, waitsIn }
  }

  /** Of what is written now: the commit that has it, be it the new one or, first, the target's. */
  async #provenance(): Promise<Provenance> {
    const { repository, kustomize } = this.#options
    const { commit, target, by, reason, git } = this.#journal
    const id = commit ?? target.commit
    const said = { ...(by && { appliedBy: by }), ...(reason && { reason }) }
    if (id === undefined) return said
    const path = kustomize?.kustomization ?? git?.paths[0]
    const where = { commit: id, tree: 'clean' as const, ...(path && { path }) }
    if (!repository) return { ...said, ...where }
    const { author, subject } = await commitFacts(repository, id)
    const url = git?.deploy && (await remoteUrl(repository, git.deploy.remote))
    return { ...said, ...where, author, subject, ...(url && { repository: url }) }
  }

  async #record(): Promise<void> {
    const { transport, context, workload } = this.#options
    const observed = await recordRelease({ context, transport }, workload)
    const last = observed?.releases.at(-1)
    if (!observed || !last) throw gone(workload)
    this.#owed = this.#debt()
    for (const release of observed.releases) {
      const isNew = release.number === last.number
      if (!isNew && release.gitOwed === undefined) continue
      const changes = debtChanges(isNew ? this.#owed : undefined)
      await annotateRelease(transport, observed.object, { release, changes })
    }
  }

  #debt(): GitDebt | undefined {
    const { git, steps, waitsIn, startedAt, target, reason } = this.#journal
    if (!git || (steps.includes('commit') && waitsIn === undefined)) return undefined
    return {
      since: startedAt,
      paths: git.paths,
      ...(target.commit && { commit: target.commit }),
      ...(reason && { reason }),
      ...(waitsIn && { waitsIn }),
    }
  }

  async #awaitOwner(): Promise<void> {
    const { transport, workload } = this.#options
    const { template } = this.#journal.target
    const isDone = await this.#until(async () => {
      const observed = await observeWorkload(transport, workload)
      return observed ? isSameTemplate(observed.template, template) : false
    })
    if (!isDone)
      this.#end = { outcome: 'in-progress', why: 'its owner has not synced the commit yet' }
  }

  async #awaitVerdict(): Promise<void> {
    if (this.#end.outcome === 'in-progress') return
    const { context, transport, workload } = this.#options
    const isDone = await this.#until(async () => {
      const observed = await recordRelease({ context, transport }, workload)
      if (!observed) throw gone(workload)
      await this.#clearTheWay(observed)
      const end = verdictOf(observed, context.clock.now())
      if (end) this.#end = end
      return end !== undefined
    })
    if (!isDone) this.#end = { outcome: 'in-progress', why: 'it is still rolling out' }
  }

  /** Upstream leaves this to whoever knows it (D-1B, kubernetes #67250). */
  async #clearTheWay(observed: ObservedWorkload): Promise<void> {
    const { transport, onPodInTheWay } = this.#options
    for (const pod of rulesOf(observed.object).podsInTheWay(observed.object, observed)) {
      onPodInTheWay?.(pod)
      if (await deleteAsSeen(transport, pod)) this.#deletedPods.push(pod.metadata.name ?? '')
    }
  }

  /** Looks again and again until it is so, time is up, or the user leaves. */
  async #until(isSo: () => Promise<boolean>): Promise<boolean> {
    const { context, signal, timeoutMs = 600_000 } = this.#options
    const startMs = context.clock.now()
    while (!(await isSo())) {
      if (context.clock.now() - startMs >= timeoutMs || signal?.aborted) return false
      await sleep(context.clock, pollMs, signal)
    }
    return true
  }
}

/** Only as it was seen: one that has become ready meanwhile stays. */
async function deleteAsSeen(transport: Transport, pod: Pod): Promise<boolean> {
  const { uid = '', resourceVersion = '' } = pod.metadata
  try {
    await transport.delete(pods, keyOf(pod), { preconditions: { uid, resourceVersion } })
    return true
  } catch (error) {
    if (isStatusError(error, 'Conflict') || isStatusError(error, 'NotFound')) return false
    throw error
  }
}

function gone({ kind, name }: WorkloadKey): NoWorkload {
  return new NoWorkload(`the ${kind} ${name} is gone`)
}

/** How the release that runs has ended; undefined while that is open. */
function verdictOf(observed: ObservedWorkload, nowMs: number) {
  const { releases, object } = observed
  const last = releases.at(-1)
  const isEmpty = rulesOf(object).size(object) === 0
  const stage = stageOf(observed, nowMs)
  // Of a size of 0 nothing can be seen; a state that was healthy before still has to roll out.
  if (stage.stage === 'done' && (isEmpty || last?.health === 'healthy'))
    return { outcome: 'healthy', why: undefined } as const
  if (last?.health === 'failed') return { outcome: 'failed', why: last.why } as const
  return stage.stage === 'held' ? ({ outcome: 'held', why: stage.why } as const) : undefined
}

function commitText({ verb, target, from, by, reason }: Journal, workload: WorkloadKey) {
  const fromText = `${releaseLabel(from.release)}${from.commit ? ` (${from.commit})` : ''}`
  const toText = `${target.label}${target.commit ? ` (${target.commit})` : ''}`
  const what = verb === 'redo' ? 'Redo' : 'Roll back'
  return {
    subject: `${what} ${workload.name} to ${target.label}${reason ? `: ${reason}` : ''}`,
    trailers: [
      { key: 'Rolled-back-from', value: fromText },
      { key: 'Rolled-back-to', value: toText },
      ...(by ? [{ key: 'Rolled-back-by', value: by }] : []),
      ...(reason ? [{ key: 'Rolled-back-reason', value: reason }] : []),
    ],
  }
}
