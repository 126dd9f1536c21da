import type { DaemonSet } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { formatLabels, formatSelector, templateCells } from './format.ts'
import {
  ageColumn,
  column,
  nameColumn,
  selectorColumn,
  type TableDefinition,
  templateColumns,
} from './table.ts'

export const daemonSetTable: TableDefinition<DaemonSet> = {
  columns: [
    nameColumn,
    column('Desired', 'number', 'Nodes that should run a pod.'),
    column('Current', 'number', 'Nodes that should run a pod and have one.'),
    column('Ready', 'number', 'Nodes whose pod is ready.'),
    column('Up-to-date', 'number', 'Nodes whose pod runs the present template.'),
    column('Available', 'number', 'Nodes whose pod is ready for at least minReadySeconds.'),
    column('Node Selector', 'text', 'Labels that a node must have.'),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name ?? '',
    status?.desiredNumberScheduled ?? 0,
    status?.currentNumberScheduled ?? 0,
    status?.numberReady ?? 0,
    status?.updatedNumberScheduled ?? 0,
    status?.numberAvailable ?? 0,
    formatLabels(spec?.template?.spec?.nodeSelector),
    ageOf(metadata.creationTimestamp, nowMs),
    ...templateCells(spec?.template),
    formatSelector(spec?.selector),
  ],
}
