import type { Deployment } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { formatSelector, templateCells } from './format.ts'
import {
  ageColumn,
  column,
  nameColumn,
  selectorColumn,
  type TableDefinition,
  templateColumns,
} from './table.ts'

export const deploymentTable: TableDefinition<Deployment> = {
  columns: [
    nameColumn,
    column('Ready', 'text', 'Ready pods, of those desired.'),
    column('Up-to-date', 'number', 'Pods that run the present template.'),
    column('Available', 'number', 'Pods ready for at least minReadySeconds.'),
    ageColumn,
    ...templateColumns,
    selectorColumn,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name ?? '',
    `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    status?.updatedReplicas ?? 0,
    status?.availableReplicas ?? 0,
    ageOf(metadata.creationTimestamp, nowMs),
    ...templateCells(spec?.template),
    formatSelector(spec?.selector),
  ],
}
