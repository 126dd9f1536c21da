import type { PodTemplateSpec, ReplicaSet } from '../../api/generated/types.ts'
import { changeCauseAnnotation } from '../../api/names.ts'
import { qualifiedKind } from '../../api/resource.ts'
import { type HistoryRow, historyRow, historyRows } from '../../rollout/history.ts'
import { CliError } from '../cli-error.ts'
import type { Invocation } from '../kubectl-command.ts'
import { describePodTemplate } from '../print/describe-pod-template.ts'
import { formatPrinter, objectName } from '../print/object-printer.ts'
import {
  deploymentOf,
  forEachRollout,
  ownedReplicaSets,
  type RolloutVisit,
} from './rollout-items.ts'

/** `rollout history` (G-20..29). */
export async function rolloutHistory(invocation: Invocation): Promise<void> {
  const { flags, io } = invocation
  const revision = BigInt(flags.text('revision'))
  if (revision < 0n) throw new CliError(`revision must be a positive integer: ${revision}`)
  const print = formatPrinter(flags, io.stdout)
  const visit: RolloutVisit['visit'] = async (session, item) => {
    const kind = JSON.stringify(qualifiedKind(item.resource))
    const refusal = `no history viewer has been implemented for ${kind}`
    const deployment = deploymentOf(item, refusal)
    const rows = historyRows(deployment, await ownedReplicaSets(session, deployment))
    const shown = revision === 0n ? rows : [wantedRow(rows, revision)]
    if (print) for (const { replicaSet } of shown) print(replicaSet)
    else if (revision === 0n) io.stdout.write(`${objectName(deployment)} \n${listText(rows)}\n`)
    else {
      const text = describePodTemplate(templateWithCause(wantedRow(rows, revision).replicaSet))
      io.stdout.write(`${objectName(deployment)} with revision #${revision}\n${text}\n`)
    }
  }
  await forEachRollout(invocation, { visit, tellsNothingFound: false })
}

function wantedRow(rows: readonly HistoryRow[], revision: bigint): HistoryRow {
  const row = historyRow(rows, revision)
  if (!row) throw new CliError('unable to find the specified revision')
  return row
}

function listText(rows: readonly HistoryRow[]): string {
  if (rows.length === 0) return 'No rollout history found.'
  const cells = rows.map(({ revision, changeCause }) => [String(revision), changeCause] as const)
  const lines = [['REVISION', 'CHANGE-CAUSE'] as const, ...cells]
  const width = Math.max(...lines.map(([revision]) => revision.length)) + 2
  return lines.map(([revision, cause]) => `${revision.padEnd(width)}${cause}\n`).join('')
}

/** The template with the cause of its revision among its annotations. */
function templateWithCause({ metadata, spec }: ReplicaSet): PodTemplateSpec {
  const template = spec?.template ?? {}
  const cause = metadata.annotations?.[changeCauseAnnotation]
  if (!cause) return template
  const annotations = { ...template.metadata?.annotations, [changeCauseAnnotation]: cause }
  return { ...template, metadata: { ...template.metadata, annotations } }
}
