import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { dayZeroCandidates, labelOf } from '../../release/rollback/find-target.ts'
import { readJournal, type StepName } from '../../release/rollback/journal.ts'
import {
  type PreparedRollback,
  prepareRollback,
  type RollbackRequest,
  runRollback,
} from '../../release/rollback/rollback.ts'
import {
  continueTransaction,
  type RollbackReport,
  type Transaction,
} from '../../release/rollback/transaction.ts'
import { personAt } from '../apply/sign.ts'
import { CliError, ExitWith } from '../cli-error.ts'
import type { Invocation } from '../kubectl-command.ts'
import { announceCluster } from './cluster-notice.ts'
import { printValue } from './print-value.ts'
import { knownProvenance, type ReleaseSession, withWorkload } from './release-session.ts'
import { type RollbackOptions, rollbackOptions } from './rollback-options.ts'
import { reportCode, reportText } from './rollback-report.ts'
import { usageExitCode } from './usage.ts'
import { workloadText } from './workload-operand.ts'

type Verb = 'rollback' | 'redo'

/** `astern rollback`: Git, configuration and template back in one transaction. */
export function rollback(invocation: Invocation): Promise<void> {
  return move(invocation, 'rollback')
}

/** `astern redo`: forward again to what the last rollback left. */
export function redo(invocation: Invocation): Promise<void> {
  return move(invocation, 'redo')
}

async function move(invocation: Invocation, verb: Verb): Promise<void> {
  const options = rollbackOptions(invocation, verb)
  await withWorkload(
    invocation,
    async (session) => {
      const transaction = transactionOf(session, options)
      const continued = await finishInterrupted(session, transaction)
      const report = continued ?? (await moveNow(session, transaction, { options, verb }))
      await tell(session, options, report)
    },
    { announce: (session) => announceCluster(session, invocation.flags) },
  )
}

function transactionOf(session: ReleaseSession, { timeoutMs }: RollbackOptions): Transaction {
  const { io, context, transport, workload, found } = session
  return {
    context,
    transport,
    workload,
    repository: found?.app.repository,
    kustomize: found?.app ?? {},
    signal: io.signal,
    onStep(step, isNoted) {
      if (isNoted) io.stderr.write(`${stepText[step]}\n`)
    },
    ...(timeoutMs !== undefined && { timeoutMs }),
  }
}

const stepText: Readonly<Record<StepName, string>> = {
  commit: 'Git has the commit',
  configuration: 'the configuration is back',
  template: 'the template is written',
  sync: 'its owner has synced',
  record: 'the release is recorded',
  verdict: 'it has been watched to its end',
}

/**
 * What an interrupted run left is finished first; where it had touched nothing, we go on as asked.
 */
async function finishInterrupted(
  { io, transport, observed }: ReleaseSession,
  transaction: Transaction,
): Promise<RollbackReport | undefined> {
  const open = await readJournal(transport, observed.object)
  if (!open) return undefined
  const { verb, target, steps, done, startedAt } = open.journal
  const where = done === 0 ? 'before its first step' : `after the step "${steps[done - 1]}"`
  io.stderr.write(`the ${verb} to ${target.label} of ${startedAt} stopped ${where}\n`)
  const report = await continueTransaction(transaction)
  if (report?.outcome === 'unwound') {
    io.stderr.write('it had touched nothing: nothing is left of it\n')
    return undefined
  }
  return report
}

async function moveNow(
  session: ReleaseSession,
  transaction: Transaction,
  { options, verb }: { readonly options: RollbackOptions; readonly verb: Verb },
): Promise<RollbackReport> {
  const { io, workload } = session
  const request = await requestOf(session, options)
  const prepared = await prepareRollback(transaction, request)
  await showCandidates(session, options, prepared)
  if (prepared.gitUnreachable !== undefined) {
    io.stderr.write(`Warning: ${prepared.gitUnreachable}; what this clone knows is taken\n`)
  }
  const what = verb === 'redo' ? 'forward' : 'back'
  io.stderr.write(`${workloadText(workload)}: ${what} to ${targetText(prepared)}\n`)
  for (const image of unknownImages(prepared)) {
    io.stderr.write(`the image ${image}: whether it can still be pulled is not known here\n`)
  }
  for (const warning of warningsOf(prepared)) io.stderr.write(`${warning}\n`)
  return runRollback(transaction, prepared)
}

/** What is better known beforehand. */
export function warningsOf({ seenEarly, brake, wouldBlock }: PreparedRollback): readonly string[] {
  return [
    ...seenEarly.map(
      (name) => `Warning: running pods mount the ConfigMap ${name} and see it change early`,
    ),
    ...(brake ? [`Warning: not every pod goes along, because ${brake}`] : []),
    ...wouldBlock.map(
      (name) => `Warning: ${name} is not ready; if it blocks the way back, it is deleted`,
    ),
  ]
}

function unknownImages({ facts }: PreparedRollback): readonly string[] {
  return [...facts.images].flatMap(([image, answer]) => (answer === undefined ? [image] : []))
}

function targetText({ journal, observed }: PreparedRollback): string {
  const { label, commit, restores } = journal.target
  const release = observed.releases.find(({ number }) => `r${number}` === label)
  const facts = [
    ...(commit && !label.startsWith('commit') ? [`commit ${commit.slice(0, 12)}`] : []),
    restores === undefined ? 'health unknown' : (release?.health ?? 'unknown'),
  ]
  return `${label} (${facts.join(', ')})`
}

async function requestOf(
  session: ReleaseSession,
  { to, publish, clusterFirst, shared, resume, reason }: RollbackOptions,
): Promise<RollbackRequest> {
  const { io, found } = session
  const by = await personAt(io, found?.app.repository)
  const owedPaths = found ? undefined : withoutGit(session, { publish, clusterFirst })
  return {
    to,
    clusterFirst,
    shared,
    resume,
    ...(found && { git: { ...found, publish } }),
    ...(owedPaths && { owedPaths }),
    ...(by && { by }),
    ...(reason && { reason }),
    ...(session.lookUpImage && { lookUpImage: session.lookUpImage }),
  }
}

/**
 * Without a work tree the cluster moves alone only where no Git is known of, or in an emergency:
 * then Git is owed. The paths that are.
 */
function withoutGit(
  { io, workload, observed }: ReleaseSession,
  { publish, clusterFirst }: Pick<RollbackOptions, 'publish' | 'clusterFirst'>,
): readonly string[] | undefined {
  const known = knownProvenance(observed)
  if (clusterFirst && known?.path) return [known.path]
  if (known || publish.type !== 'local') {
    const from = known?.repository ? `: it was applied from ${known.repository}` : ''
    const message = `no Git repository here has ${workloadText(workload)}${from}`
    const hint =
      'run it in that work tree, or name the path with -f; --cluster-first moves the cluster now'
    throw new CliError(message, { code: usageExitCode, hint })
  }
  io.stderr.write('no Git repository is known of: the cluster alone moves\n')
  return undefined
}

/** Without records nobody knows what was healthy: what there is to choose from is shown. */
async function showCandidates(
  { io, workload, found }: ReleaseSession,
  { to }: RollbackOptions,
  { observed }: PreparedRollback,
): Promise<void> {
  if (to.type !== 'default' || observed.releases.length > 1) return
  const candidates = await dayZeroCandidates({ observed, workload, app: found?.app })
  const names = candidates.map(labelOf).join(', ')
  io.stderr.write(`there are no records yet; known states, health unknown: ${names}\n`)
}

async function tell(
  session: ReleaseSession,
  { output, patchFile }: RollbackOptions,
  report: RollbackReport,
): Promise<void> {
  const { io, workload } = session
  const patch = report.git?.patch
  if (patch !== undefined && patchFile === '-') io.stdout.write(patch)
  else if (patch !== undefined && patchFile !== '')
    await writeFile(resolve(io.cwd, patchFile), patch)
  if (output === 'json' || output === 'yaml') {
    const { outcome, why, target, release, git, owed, deletedPods } = report
    const ran = release && { number: release.number, health: release.health }
    const said = { workload, outcome, why, target, release: ran, git, owed, deletedPods }
    printValue(io, output, said)
  } else {
    const out = patchFile === '-' ? io.stderr : io.stdout
    out.write(reportText(report, { who: workloadText(workload), patchFile }))
  }
  const code = reportCode(report)
  if (code !== 0) throw new ExitWith(code)
}
