import type { ResourceQuota } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

/** `NAME: USED/HARD, ...` of the limits, or of all else. */
function usage({ status }: ResourceQuota, isWanted: (name: string) => boolean): string {
  const { hard = {}, used = {} } = status ?? {}
  return Object.keys(hard)
    .filter(isWanted)
    .sort()
    .map((name) => `${name}: ${Object.hasOwn(used, name) ? used[name] : '0'}/${hard[name]}`)
    .join(', ')
}

const isLimit = (name: string) => name.startsWith('limits.')

export const resourceQuotaTable: TableDefinition<ResourceQuota> = {
  columns: [
    nameColumn,
    column('Request', 'text', 'What is used and allowed of objects and requests.'),
    column('Limit', 'text', 'What is used and allowed of limits.'),
    ageColumn,
  ],
  cells: (quota, nowMs) => [
    quota.metadata.name ?? '',
    usage(quota, (name) => !isLimit(name)),
    usage(quota, isLimit),
    ageOf(quota.metadata.creationTimestamp, nowMs),
  ],
}
