import { debtChanges } from '../../release/record/record-object.ts'
import { annotateRelease } from '../../release/record/recorder.ts'
import { ExitWith } from '../cli-error.ts'
import type { Invocation } from '../kubectl-command.ts'
import { adopt } from './adopt.ts'
import { announceCluster } from './cluster-notice.ts'
import { colorsFor } from './colors.ts'
import { type ComparedCommit, comparedCommit, neededApp } from './compared-commit.ts'
import { driftText } from './drift-text.ts'
import { printValue } from './print-value.ts'
import { type ReleaseSession, withWorkload } from './release-session.ts'
import { driftFrom, restore } from './restore.ts'
import { publishOf } from './rollback-options.ts'
import { reportCode, reportText } from './rollback-report.ts'
import { outputForm, wrongUse } from './usage.ts'
import { workloadOperand, workloadText } from './workload-operand.ts'

/** `astern drift`: live against Git. Ends with 0, with 5 (Git is owed) or with 6. */
export async function drift(invocation: Invocation): Promise<void> {
  outputForm(invocation, ['json', 'yaml'])
  if (workloadOperand(invocation).rest.length > 0) {
    throw wrongUse(invocation, 'drift looks at one workload at a time')
  }
  const { flags } = invocation
  const [adopts, restores] = [flags.boolean('adopt'), flags.boolean('restore')]
  if (adopts && restores) throw wrongUse(invocation, '--adopt and --restore exclude each other')
  if (!adopts && publishOf(invocation).type !== 'local') {
    throw wrongUse(invocation, '--push, --branch and --patch go with --adopt')
  }
  const look = async (session: ReleaseSession) => {
    const compared = await comparedCommit(neededApp(session), flags.text('ref'))
    if (adopts) return adoptAndTell(invocation, session, compared)
    if (restores) await restoreAndTell(invocation, session, compared)
    await tellDrift(invocation, session, compared)
  }
  if (!adopts && !restores) return withWorkload(invocation, look)
  await withWorkload(invocation, look, { announce: (session) => announceCluster(session, flags) })
}

/** Git gets what runs; what of it could not be written shows by comparing with the new commit. */
async function adoptAndTell(
  invocation: Invocation,
  session: ReleaseSession,
  compared: ComparedCommit,
): Promise<void> {
  const seen = await driftFrom(session, compared.commit)
  if (seen.objects.length === 0) return tellDrift(invocation, session, compared)
  const { commit, waitsIn } = await adopt(invocation, session)
  if (commit) session.io.stderr.write(`Git: commit ${commit.slice(0, 12)}\n`)
  const isDeployed = waitsIn === undefined
  const name = waitsIn ?? compared.name
  await tellDrift(invocation, session, { commit: commit ?? compared.commit, name, isDeployed })
  if (waitsIn === undefined) return
  session.io.stderr.write(`Git is owed: the commit waits in ${waitsIn}\n`)
  throw new ExitWith(5)
}

async function restoreAndTell(
  invocation: Invocation,
  session: ReleaseSession,
  { commit }: ComparedCommit,
): Promise<void> {
  if ((await driftFrom(session, commit)).objects.length === 0) return
  const report = await restore(invocation, session, commit)
  const words = { who: workloadText(session.workload), patchFile: '' }
  session.io.stderr.write(reportText(report, words))
  const code = reportCode(report)
  if (code !== 0) throw new ExitWith(code)
}

/**
 * Looks, tells, and ends the command with what that means; a debt that Git has paid is struck out.
 */
async function tellDrift(
  invocation: Invocation,
  session: ReleaseSession,
  compared: ComparedCommit,
): Promise<void> {
  const { io, workload } = session
  const form = outputForm(invocation, ['json', 'yaml'])
  const seen = await driftFrom(session, compared.commit)
  if (seen.exitCode === 0 && compared.isDeployed) await strikeDebts(session)
  if (form === 'json' || form === 'yaml') printValue(io, form, { workload, ...seen })
  else {
    const git = `${compared.commit.slice(0, 12)} (${compared.name})`
    const words = { who: workloadText(workload), git, colors: colorsFor(io) }
    io.stdout.write(driftText(seen, words))
  }
  if (seen.exitCode !== 0) throw new ExitWith(seen.exitCode)
}

async function strikeDebts({ transport, observed }: ReleaseSession): Promise<void> {
  for (const release of observed.releases) {
    if (release.gitOwed === undefined) continue
    const changes = debtChanges(undefined)
    await annotateRelease(transport, observed.object, { release, changes })
  }
}
