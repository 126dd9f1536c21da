import type { Endpoint, EndpointSlice, Service } from '../api/generated/types.ts'
import { keyOf, keyText } from '../api/object.ts'
import type { NameRecords, NameTable } from './protocol.ts'

/** The zone of the cluster's own names. */
export const clusterDomain = 'cluster.local'

type SlicesOf = (serviceKey: string) => readonly EndpointSlice[]
type Named = readonly [name: string, records: NameRecords]

/**
 * What the cluster's DNS says of these Services, by name without the last dot: as in the
 * specification of DNS-based service discovery, version 1.1.0. Pure.
 */
export function namesOf(services: readonly Service[], slicesOf: SlicesOf): NameTable['names'] {
  const names = new Map<string, NameRecords>()
  const all = services.flatMap((service) => recordsOf(service, slicesOf))
  for (const [name, records] of all) names.set(name, joined(names.get(name), records))
  return Object.fromEntries([...names].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function joined(known: NameRecords | undefined, more: NameRecords): NameRecords {
  if (!known) return more
  const addresses = [...new Set([...(known.addresses ?? []), ...(more.addresses ?? [])])]
  const servers = [...(known.servers ?? []), ...(more.servers ?? [])]
  return {
    ...known,
    ...more,
    ...(addresses.length > 0 && { addresses }),
    ...(servers.length > 0 && { servers }),
  }
}

function recordsOf(service: Service, slicesOf: SlicesOf): readonly Named[] {
  const { type, clusterIP, externalName } = service.spec ?? {}
  if (type === 'ExternalName') {
    return externalName ? [[nameOf(service), { alias: externalName.replace(/\.$/, '') }]] : []
  }
  if (clusterIP === 'None') return headless(service, slicesOf(keyText(keyOf(service))))
  return clusterIP ? withAddress(service, clusterIP) : []
}

function nameOf({ metadata: { name = '', namespace = '' } }: Service): string {
  return `${name}.${namespace}.svc.${clusterDomain}`
}

function withAddress(service: Service, address: string): readonly Named[] {
  const name = nameOf(service)
  const reverse = `${address.split('.').reverse().join('.')}.in-addr.arpa`
  const servers = (service.spec?.ports ?? []).flatMap((port): Named[] => {
    const server = { port: port.port, target: name }
    return port.name ? [[serverName(port, name), { servers: [server] }]] : []
  })
  return [[name, { addresses: [address] }], [reverse, { pointer: name }], ...servers]
}

function serverName(port: { name?: string; protocol?: string }, name: string): string {
  return `_${port.name}._${(port.protocol ?? 'TCP').toLowerCase()}.${name}`
}

/** Every endpoint that is ready has the Service's name, and one of its own below that. */
function headless(service: Service, slices: readonly EndpointSlice[]): readonly Named[] {
  const name = nameOf(service)
  return slices
    .filter(({ addressType }) => addressType === 'IPv4')
    .flatMap(({ endpoints, ports }) =>
      (endpoints ?? []).filter(isReady).flatMap((endpoint): Named[] => {
        const [address = ''] = endpoint.addresses
        const own = `${endpoint.hostname ?? address.replaceAll('.', '-')}.${name}`
        const servers = (ports ?? []).flatMap((port): Named[] => {
          if (!port.name || port.port === undefined) return []
          return [[serverName(port, name), { servers: [{ port: port.port, target: own }] }]]
        })
        return [[name, { addresses: [address] }], [own, { addresses: [address] }], ...servers]
      }),
    )
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready ?? true
}
