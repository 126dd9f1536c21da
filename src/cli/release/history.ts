import { type History, readHistory } from '../../release/history.ts'
import type { Invocation } from '../kubectl-command.ts'
import { colorsFor } from './colors.ts'
import { historyTable } from './history-table.ts'
import { owedText } from './owed-text.ts'
import { printValue } from './print-value.ts'
import { shownHead, withWorkload } from './release-session.ts'
import { outputForm, wrongUse } from './usage.ts'
import { workloadOperand, workloadText } from './workload-operand.ts'

/** `astern history`: what ran, how it went, and what never ran. */
export async function history(invocation: Invocation): Promise<void> {
  const form = outputForm(invocation, ['wide', 'json', 'yaml'])
  if (workloadOperand(invocation).rest.length > 0) {
    throw wrongUse(invocation, 'history shows one workload at a time')
  }
  await withWorkload(invocation, async (session) => {
    const { io, transport, observed, workload, found } = session
    const git = found && { app: found.app, workload, ref: await shownHead(session, found) }
    const known = await readHistory(transport, observed, git)
    if (form === 'json' || form === 'yaml') {
      const { rows, isShallow, underWay } = known
      return printValue(io, form, { workload, rows, isShallow, underWay })
    }
    const isWide = form === 'wide'
    io.stdout.write(historyTable(known.rows, { isWide, colors: colorsFor(io) }))
    for (const note of notesOn(known, workloadText(workload))) io.stderr.write(`${note}\n`)
  })
}

function notesOn({ rows, isShallow, underWay }: History, who: string): readonly string[] {
  const live = rows.find(({ isLive }) => isLive)
  const verb = underWay?.verb === 'redo' ? 'redo' : 'rollback'
  return [
    ...(live?.gitOwed ? [owedText(live.gitOwed)] : []),
    ...(underWay
      ? [
          `a ${verb} to ${underWay.target.label} began at ${underWay.startedAt} and has not ended: \`astern ${verb} ${who}\` finishes it`,
        ]
      : []),
    ...(isShallow ? ['this is a shallow clone: older commits are not known here'] : []),
  ]
}
