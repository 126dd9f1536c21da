import { qualifiedKind } from '../../api/resource.ts'
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../kubectl-command.ts'
import { describePodTemplate } from '../print/describe-pod-template.ts'
import { formatPrinter, objectName } from '../print/object-printer.ts'
import { type KeptRevision, revisionsOf } from './revisions-of.ts'
import { forEachRollout, type RolloutVisit, workloadOf } from './rollout-items.ts'

/** `rollout history` (G-20..29). */
export async function rolloutHistory(invocation: Invocation): Promise<void> {
  const { flags, io } = invocation
  const revision = BigInt(flags.text('revision'))
  if (revision < 0n) throw new CliError(`revision must be a positive integer: ${revision}`)
  const print = formatPrinter(flags, io.stdout)
  const visit: RolloutVisit['visit'] = async (session, item) => {
    const kind = JSON.stringify(qualifiedKind(item.resource))
    const workload = workloadOf(item, `no history viewer has been implemented for ${kind}`)
    const rows = await revisionsOf(session, workload)
    const shown = revision === 0n ? rows : [wantedRow(rows, revision)]
    if (print) for (const { object } of shown) print(object)
    else if (revision === 0n) io.stdout.write(`${objectName(workload)} \n${listText(rows)}\n`)
    else {
      const text = describePodTemplate(wantedRow(rows, revision).template)
      io.stdout.write(`${objectName(workload)} with revision #${revision}\n${text}\n`)
    }
  }
  await forEachRollout(invocation, { visit, tellsNothingFound: false })
}

function wantedRow(rows: readonly KeptRevision[], revision: bigint): KeptRevision {
  const row = rows.find((each) => each.revision === revision)
  if (!row) throw new CliError('unable to find the specified revision')
  return row
}

function listText(rows: readonly KeptRevision[]): string {
  if (rows.length === 0) return 'No rollout history found.'
  const cells = rows.map(({ revision, changeCause }) => [String(revision), changeCause] as const)
  const lines = [['REVISION', 'CHANGE-CAUSE'] as const, ...cells]
  const width = Math.max(...lines.map(([revision]) => revision.length)) + 2
  return lines.map(([revision, cause]) => `${revision.padEnd(width)}${cause}\n`).join('')
}
