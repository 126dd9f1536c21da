import type { Ingress } from '../../../api/generated/types.ts'
import { ageOf } from './age.ts'
import { ageColumn, column, nameColumn, type TableDefinition } from './table.ts'

const hostsMax = 3

/** The first three hosts; once there are three, all rules after them count as more. */
function hostsOf({ spec }: Ingress): string {
  const rules = spec?.rules ?? []
  const hosts: string[] = []
  let more = false
  for (const { host } of rules) {
    if (hosts.length === hostsMax) more = true
    else if (host) hosts.push(host)
  }
  if (hosts.length === 0) return '*'
  return more ? `${hosts.join(',')} + ${rules.length - hostsMax} more...` : hosts.join(',')
}

function addressesOf({ status }: Ingress): string {
  const ingress = status?.loadBalancer?.ingress ?? []
  const known = ingress.map(({ ip, hostname }) => ip || hostname)
  return [...new Set(known.filter((address) => address))].sort().join(',')
}

export const ingressTable: TableDefinition<Ingress> = {
  columns: [
    nameColumn,
    column('Class', 'text', 'The IngressClass whose controller takes care of it.'),
    column('Hosts', 'text', 'The hosts of its rules.'),
    column('Address', 'text', 'Where it is reached.'),
    column('Ports', 'text', '443 too, if it has TLS.'),
    ageColumn,
  ],
  cells: (ingress, nowMs) => [
    ingress.metadata.name ?? '',
    ingress.spec?.ingressClassName ?? '<none>',
    hostsOf(ingress),
    addressesOf(ingress),
    ingress.spec?.tls?.length ? '80, 443' : '80',
    ageOf(ingress.metadata.creationTimestamp, nowMs),
  ],
}
