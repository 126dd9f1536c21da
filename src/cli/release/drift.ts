import { type Drift, readDrift } from '../../release/drift.ts'
import { observeWorkload } from '../../release/observe-workload.ts'
import { debtChanges } from '../../release/record/record-object.ts'
import { annotateRelease } from '../../release/record/recorder.ts'
import { ExitWith } from '../cli-error.ts'
import type { Invocation } from '../kubectl-command.ts'
import { colorsFor } from './colors.ts'
import { type ComparedCommit, comparedCommit, neededApp } from './compared-commit.ts'
import { driftText } from './drift-text.ts'
import { printValue } from './print-value.ts'
import { type ReleaseSession, withWorkload } from './release-session.ts'
import { outputForm, wrongUse } from './usage.ts'
import { workloadOperand, workloadText } from './workload-operand.ts'

/** `astern drift`: live against Git. Ends with 0, with 5 (Git is owed) or with 6. */
export async function drift(invocation: Invocation): Promise<void> {
  outputForm(invocation, ['json', 'yaml'])
  if (workloadOperand(invocation).rest.length > 0) {
    throw wrongUse(invocation, 'drift looks at one workload at a time')
  }
  await withWorkload(invocation, async (session) => {
    const ref = invocation.flags.text('ref')
    await tellDrift(invocation, session, await comparedCommit(neededApp(session), ref))
  })
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
  const seen = await seenDrift(session, compared.commit)
  if (seen.exitCode === 0 && compared.isDeployed) await strikeDebts(session)
  if (form === 'json' || form === 'yaml') printValue(io, form, { workload, ...seen })
  else {
    const git = `${compared.commit.slice(0, 12)} (${compared.name})`
    const words = { who: workloadText(workload), git, colors: colorsFor(io) }
    io.stdout.write(driftText(seen, words))
  }
  if (seen.exitCode !== 0) throw new ExitWith(seen.exitCode)
}

async function seenDrift(session: ReleaseSession, commit: string): Promise<Drift> {
  const { transport, workload } = session
  const observed = (await observeWorkload(transport, workload)) ?? session.observed
  return readDrift(transport, observed, { app: neededApp(session).app, workload, commit })
}

async function strikeDebts({ transport, observed }: ReleaseSession): Promise<void> {
  for (const release of observed.releases) {
    if (release.gitOwed === undefined) continue
    const changes = debtChanges(undefined)
    await annotateRelease(transport, observed.deployment, { release, changes })
  }
}
