import type { Pod } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { summarizePod } from './pod-status.ts'
import { ageColumn, column, nameColumn, type RowCondition, type TableDefinition } from './table.ts'

function readinessGates({ spec, status }: Pod): string {
  const gates = spec?.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  const passed = gates.filter(({ conditionType }) =>
    (status?.conditions ?? []).some((c) => c.type === conditionType && c.status === 'True'),
  )
  return `${passed.length}/${gates.length}`
}

function conditions({ status }: Pod): readonly RowCondition[] {
  const phase = status?.phase
  if (phase !== 'Succeeded' && phase !== 'Failed') return []
  const message = phase === 'Failed' ? 'The pod failed.' : 'The pod has completed successfully.'
  return [{ type: 'Completed', status: 'True', reason: phase, message }]
}

export const podTable: TableDefinition<Pod> = {
  columns: [
    nameColumn,
    column('Ready', 'text', 'Ready containers, of all that keep running.'),
    column('Status', 'text', 'What the pod is doing, or why it is not.'),
    column('Restarts', 'text', 'How often its containers restarted, and when last.'),
    ageColumn,
    column('IP', 'wide text', 'The address of the pod.'),
    column('Node', 'wide text', 'The node that runs the pod.'),
    column('Nominated Node', 'wide text', 'The node that makes room for the pod.'),
    column('Readiness Gates', 'wide text', 'Readiness gates passed, of those declared.'),
  ],
  cells: (pod, nowMs) => {
    const { ready, total, reason, restarts, lastRestart } = summarizePod(pod)
    return [
      pod.metadata.name ?? '',
      `${ready}/${total}`,
      reason,
      lastRestart === undefined ? `${restarts}` : `${restarts} (${ageOf(lastRestart, nowMs)} ago)`,
      ageOf(pod.metadata.creationTimestamp, nowMs),
      pod.status?.podIPs?.[0]?.ip || '<none>',
      pod.spec?.nodeName || '<none>',
      pod.status?.nominatedNodeName || '<none>',
      readinessGates(pod),
    ]
  },
  conditions,
}
