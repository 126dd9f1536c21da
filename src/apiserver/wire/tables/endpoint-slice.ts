import type { EndpointSlice } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { listWithMore } from './format.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

export const endpointSliceTable: TableDefinition<EndpointSlice> = {
  columns: [
    nameColumn,
    column('AddressType', 'text', 'What the addresses are: IPv4, IPv6 or FQDN.'),
    column('Ports', 'text', 'Ports that every endpoint of the slice exposes.'),
    column('Endpoints', 'text', 'Addresses of the endpoints.'),
    ageColumn,
  ],
  cells: ({ metadata, addressType, ports, endpoints }, nowMs) => [
    metadata.name ?? '',
    addressType,
    listWithMore(
      (ports ?? []).map(({ port, name }) => (port === undefined ? name || '*' : `${port}`)),
      '<unset>',
    ),
    listWithMore(
      (endpoints ?? []).flatMap((endpoint) => endpoint.addresses),
      '<unset>',
    ),
    ageOf(metadata.creationTimestamp, nowMs),
  ],
}
