import type { ConfigMap, Secret } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

function size(map: object | undefined): number {
  return Object.keys(map ?? {}).length
}

const dataColumn = column('Data', 'number', 'How many keys it holds.')

export const configMapTable: TableDefinition<ConfigMap> = {
  columns: [nameColumn, dataColumn, ageColumn],
  cells: ({ metadata, data, binaryData }, nowMs) => [
    metadata.name ?? '',
    size(data) + size(binaryData),
    ageOf(metadata.creationTimestamp, nowMs),
  ],
}

export const secretTable: TableDefinition<Secret> = {
  columns: [nameColumn, column('Type', 'text', 'What the keys mean.'), dataColumn, ageColumn],
  cells: ({ metadata, type, data }, nowMs) => [
    metadata.name ?? '',
    type ?? '',
    size(data),
    ageOf(metadata.creationTimestamp, nowMs),
  ],
}
