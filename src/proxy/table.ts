import type {
  Endpoint,
  EndpointSlice,
  Pod,
  Secret,
  Service,
  ServicePort,
} from '../api/generated/types.ts'
import { podTemplateHashLabel, revisionHashLabel, serviceNameLabel } from '../api/names.ts'
import { type KubeObject, keyOf, keyText, type ObjectKey } from '../api/object.ts'
import type { Address, Table, TableEndpoint, TableListener } from './protocol.ts'
import { speaksTls, tlsIdentityOf, tlsSecretKeyOf } from './tls-identity.ts'

/** An address that a Service asks for and does not get, with a reason for people. */
export interface Withheld extends Address {
  readonly namespace: string
  readonly name: string
  readonly why: string
}

export interface TableOptions {
  /** Where node ports and load balancer ports listen. */
  readonly serviceListen: readonly string[]
  /** The file in which each request is a line. */
  readonly accessLog?: string | undefined
}

/** What the cluster's objects say about traffic. */
export interface TableFacts extends TableOptions {
  readonly slicesOf: (serviceKey: string) => readonly EndpointSlice[]
  readonly findPod: (key: ObjectKey) => Pod | undefined
  readonly findSecret: (key: ObjectKey) => Secret | undefined
}

/** The key of the Service that a slice is of; '' for one that names none. */
export function serviceKeyOf({ metadata }: EndpointSlice): string {
  const name = metadata.labels?.[serviceNameLabel]
  return name ? keyText({ namespace: metadata.namespace, name }) : ''
}

/**
 * What the proxy is to do for these Services and their slices (F-12). Pure. Two Services that want
 * one address: the older one has it.
 */
export function tableOf(
  services: readonly Service[],
  facts: TableFacts,
): { readonly table: Table; readonly withheld: readonly Withheld[] } {
  const holders = new Map<string, string>()
  const withheld: Withheld[] = []
  const claim = (service: Service, { ip, port }: Address) => {
    const text = `${ip}:${port}`
    const holder = holders.get(text)
    if (holder === undefined) holders.set(text, keyText(keyOf(service)))
    return holder && `Service ${holder} has the port: choose another one`
  }
  const listenersOf = (service: Service, port: ServicePort) =>
    addressesOf(service, port, facts).flatMap((listener) => {
      const why = typeof listener.tls === 'string' ? listener.tls : claim(service, listener)
      if (why === undefined) return [listener as TableListener]
      withheld.push({ ip: listener.ip, port: listener.port, ...nameOf(service), why })
      return []
    })
  const table = [...services]
    .filter(isProxied)
    .sort(byAge)
    .flatMap((service) => {
      const slices = facts.slicesOf(keyText(keyOf(service)))
      return tcpPorts(service).map((port) => ({
        ...nameOf(service),
        port: port.name ?? '',
        ...affinityOf(service),
        ...(facts.accessLog !== undefined && { accessLog: facts.accessLog }),
        listeners: listenersOf(service, port),
        endpoints: endpointsOf(slices, port.name ?? '', facts),
      }))
    })
  return { table, withheld }
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

function affinityOf({ spec }: Service): { readonly affinitySeconds?: number } {
  if (spec?.sessionAffinity !== 'ClientIP') return {}
  return { affinitySeconds: spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800 }
}

/** A listener as it is asked for: with a text in place of `tls`, it cannot be had. */
type AskedListener = Omit<TableListener, 'tls'> & { readonly tls?: TableListener['tls'] | string }

function addressesOf(
  service: Service,
  servicePort: ServicePort,
  facts: TableFacts,
): readonly AskedListener[] {
  const { serviceListen } = facts
  const { port, nodePort } = servicePort
  const { clusterIP } = service.spec ?? {}
  return [
    ...(clusterIP ? [{ ip: clusterIP, port }] : []),
    ...(nodePort ? serviceListen.map((ip) => ({ ip, port: nodePort })) : []),
    ...(isLoadBalancer(service) ? loadBalancerListeners(service, servicePort, facts) : []),
  ]
}

/** Without the certificate that was asked for nothing listens, least of all in the clear. */
function loadBalancerListeners(
  service: Service,
  servicePort: ServicePort,
  { serviceListen, findSecret }: TableFacts,
): readonly AskedListener[] {
  const secretKey = speaksTls(service, servicePort) ? tlsSecretKeyOf(service) : undefined
  const tls = secretKey && tlsIdentityOf(service, findSecret(secretKey))
  const sources = service.spec?.loadBalancerSourceRanges ?? []
  return serviceListen.map((ip) => ({
    ip,
    port: servicePort.port,
    ...(tls !== undefined && { tls }),
    ...(sources.length > 0 && { sources }),
  }))
}

/** While an endpoint moves between slices it may be in two: the worse of what they say counts. */
function endpointsOf(
  slices: readonly EndpointSlice[],
  portName: string,
  { findPod }: Pick<TableFacts, 'findPod'>,
): readonly TableEndpoint[] {
  const endpoints = new Map<string, TableEndpoint>()
  for (const slice of slices) {
    const port = slice.ports?.find(({ name = '', protocol = 'TCP' }) => {
      return name === portName && protocol === 'TCP'
    })?.port
    if (port === undefined || slice.addressType !== 'IPv4') continue
    for (const endpoint of slice.endpoints ?? []) {
      const entry = tableEndpoint(endpoint, port, findPod)
      const key = `${entry.podUid}/${entry.ip}:${entry.port}`
      if (!endpoints.get(key)?.terminating) endpoints.set(key, entry)
    }
  }
  return [...endpoints.values()]
}

/** Absent conditions mean ready, as the API defines them. */
function tableEndpoint(
  { addresses, conditions, targetRef }: Endpoint,
  port: number,
  findPod: TableFacts['findPod'],
): TableEndpoint {
  const ip = addresses[0] ?? ''
  const ready = conditions?.ready ?? true
  return {
    ip,
    port,
    podUid: targetRef?.uid ?? `address/${ip}:${port}`,
    podName: targetRef?.name ?? ip,
    templateHash: templateHashOf(
      targetRef?.name ? findPod({ ...targetRef, name: targetRef.name }) : undefined,
    ),
    ready,
    serving: conditions?.serving ?? ready,
    terminating: conditions?.terminating ?? false,
  }
}

function templateHashOf(pod: Pod | undefined): string {
  const { labels = {} } = pod?.metadata ?? {}
  return labels[podTemplateHashLabel] ?? labels[revisionHashLabel] ?? ''
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
