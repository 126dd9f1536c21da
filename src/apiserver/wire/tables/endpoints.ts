import type { Endpoints } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { listWithMore } from './format.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

/** Each ready address with each of its ports (G-52). */
function addressesOf({ subsets = [] }: Endpoints): readonly string[] {
  return subsets.flatMap(({ addresses = [], ports = [] }) => {
    if (ports.length === 0) return addresses.map(({ ip }) => ip)
    return ports.flatMap(({ port }) => addresses.map(({ ip }) => `${hostOf(ip)}:${port}`))
  })
}

function hostOf(ip: string): string {
  return ip.includes(':') ? `[${ip}]` : ip
}

export const endpointsTable: TableDefinition<Endpoints> = {
  columns: [nameColumn, column('Endpoints', 'text', 'Addresses that are ready.'), ageColumn],
  cells: (endpoints, nowMs) => [
    endpoints.metadata.name ?? '',
    endpoints.subsets?.length ? listWithMore(addressesOf(endpoints), '') : '<none>',
    ageOf(endpoints.metadata.creationTimestamp, nowMs),
  ],
}
