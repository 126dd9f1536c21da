import type { Endpoint, EndpointSlice, Service, ServicePort } from '../api/generated/types.ts'
import { serviceNameLabel } from '../api/names.ts'
import { type KubeObject, keyOf, keyText } from '../api/object.ts'
import type { Address, Table, TableEndpoint } from './protocol.ts'

/** Two Services want one address: the older one has it. */
export interface Clash extends Address {
  readonly namespace: string
  readonly name: string
  /** Key of the Service that has it. */
  readonly holder: string
}

export interface TableOptions {
  /** Where node ports and load balancer ports listen. */
  readonly serviceListen: readonly string[]
}

/** The key of the Service that a slice is of; '' for one that names none. */
export function serviceKeyOf({ metadata }: EndpointSlice): string {
  const name = metadata.labels?.[serviceNameLabel]
  return name ? keyText({ namespace: metadata.namespace, name }) : ''
}

/** What the proxy is to do for these Services and slices (F-12). Pure. */
export function tableOf(
  services: readonly Service[],
  slicesOf: (serviceKey: string) => readonly EndpointSlice[],
  options: TableOptions,
): { readonly table: Table; readonly clashes: readonly Clash[] } {
  const holders = new Map<string, string>()
  const clashes: Clash[] = []
  const claim = (service: Service) => (address: Address) => {
    const text = `${address.ip}:${address.port}`
    const holder = holders.get(text)
    if (holder !== undefined) clashes.push({ ...address, ...nameOf(service), holder })
    else holders.set(text, keyText(keyOf(service)))
    return holder === undefined
  }
  const table = [...services]
    .filter(isProxied)
    .sort(byAge)
    .flatMap((service) => {
      const slices = slicesOf(keyText(keyOf(service)))
      return tcpPorts(service).map((port) => ({
        ...nameOf(service),
        port: port.name ?? '',
        listeners: addressesOf(service, port, options).filter(claim(service)),
        endpoints: endpointsOf(slices, port.name ?? ''),
      }))
    })
  return { table, clashes }
}

function nameOf(service: Service): { readonly namespace: string; readonly name: string } {
  const { namespace = '', name = '' } = service.metadata
  return { namespace, name }
}

/** A headless Service is for clients that connect to pods themselves. */
function isProxied({ spec }: Service): boolean {
  return spec?.type !== 'ExternalName' && spec?.clusterIP !== 'None'
}

/** A load balancer port that another implementation was asked for is not ours. */
export function isLoadBalancer({ spec }: Service): boolean {
  return spec?.type === 'LoadBalancer' && spec.loadBalancerClass === undefined
}

function tcpPorts({ spec }: Service): readonly ServicePort[] {
  return (spec?.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP')
}

/** Where clients outside the cluster find the load balancer's port. */
export function loadBalancerAddresses(
  service: Service,
  { serviceListen }: TableOptions,
): readonly Address[] {
  if (!isLoadBalancer(service)) return []
  return tcpPorts(service).flatMap(({ port }) => serviceListen.map((ip) => ({ ip, port })))
}

function addressesOf(
  service: Service,
  { port, nodePort }: ServicePort,
  { serviceListen }: TableOptions,
): readonly Address[] {
  const { clusterIP } = service.spec ?? {}
  return [
    ...(clusterIP ? [{ ip: clusterIP, port }] : []),
    ...(nodePort ? serviceListen.map((ip) => ({ ip, port: nodePort })) : []),
    ...(isLoadBalancer(service) ? serviceListen.map((ip) => ({ ip, port })) : []),
  ]
}

/** While an endpoint moves between slices it may be in two: the worse of what they say counts. */
function endpointsOf(slices: readonly EndpointSlice[], portName: string): readonly TableEndpoint[] {
  const endpoints = new Map<string, TableEndpoint>()
  for (const slice of slices) {
    const port = slice.ports?.find(({ name = '', protocol = 'TCP' }) => {
      return name === portName && protocol === 'TCP'
    })?.port
    if (port === undefined || slice.addressType !== 'IPv4') continue
    for (const endpoint of slice.endpoints ?? []) {
      const entry = tableEndpoint(endpoint, port)
      const key = `${entry.podUid}/${entry.ip}:${entry.port}`
      if (!endpoints.get(key)?.terminating) endpoints.set(key, entry)
    }
  }
  return [...endpoints.values()]
}

/** Absent conditions mean ready, as the API defines them. */
function tableEndpoint({ addresses, conditions, targetRef }: Endpoint, port: number) {
  const ip = addresses[0] ?? ''
  const ready = conditions?.ready ?? true
  return {
    ip,
    port,
    podUid: targetRef?.uid ?? `address/${ip}:${port}`,
    podName: targetRef?.name ?? ip,
    ready,
    serving: conditions?.serving ?? ready,
    terminating: conditions?.terminating ?? false,
  }
}

function byAge(a: KubeObject, b: KubeObject): number {
  return compare(ageText(a), ageText(b))
}

function ageText(object: KubeObject): string {
  return `${object.metadata.creationTimestamp ?? ''} ${keyText(keyOf(object))}`
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
