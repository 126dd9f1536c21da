import type {
  Endpoint,
  EndpointPort,
  Pod,
  Service,
  ServicePort,
} from '../../api/generated/types.ts'
import { isTerminating } from '../../api/object.ts'
import { isPodReady, isPodTerminal } from '../../api/pod-facts.ts'
import { resolvePort } from '../../api/ports.ts'

/** F-11: a terminal pod has no endpoint, nor one without an IP. */
export function hasEndpoint(pod: Pod): boolean {
  const ip = pod.status?.podIP
  return ip !== undefined && ip !== '' && !ip.includes(':') && !isPodTerminal(pod)
}

/** A pod as a Service's endpoint (F-11); `zone` is its node's. */
export function endpointOf(pod: Pod, service: Service, zone?: string): Endpoint {
  const { name, namespace, uid } = pod.metadata
  const { nodeName, hostname, subdomain } = pod.spec ?? {}
  const serving = isPodReady(pod)
  const terminating = isTerminating(pod)
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating)
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready, serving, terminating },
    ...(hostname && subdomain === service.metadata.name && { hostname }),
    ...(nodeName && { nodeName }),
    ...(zone && { zone }),
    targetRef: {
      kind: 'Pod',
      ...(namespace && { namespace }),
      ...(name && { name }),
      ...(uid && { uid }),
    },
  }
}

/**
 * Where the pod answers each of the Service's ports, in the Service's order. A port whose target
 * is a name that the pod does not declare is left out.
 */
export function endpointPortsOf(pod: Pod, service: Service): readonly EndpointPort[] {
  return (service.spec?.ports ?? []).flatMap((servicePort) => {
    const port = realPort(pod, servicePort)
    if (port === undefined) return []
    const { name = '', protocol = 'TCP', appProtocol } = servicePort
    return [{ name, port, protocol, ...(appProtocol && { appProtocol }) }]
  })
}

function realPort(pod: Pod, { port, targetPort, protocol = 'TCP' }: ServicePort) {
  return resolvePort(pod, targetPort ?? port, { protocol })
}

/** Equal for port lists that mean the same; '' for none. */
export function portsKey(ports: readonly EndpointPort[] | undefined): string {
  return (ports ?? [])
    .map(({ name = '', protocol = 'TCP', port = 0, appProtocol = '' }) =>
      [name, protocol, port, appProtocol].join('/'),
    )
    .join(',')
}

/** Equal for endpoints that mean the same, however their fields are ordered. */
export function endpointKey({
  addresses,
  conditions = {},
  hostname,
  nodeName,
  zone,
  targetRef,
}: Endpoint): string {
  const { ready, serving, terminating } = conditions
  const { namespace, name, uid } = targetRef ?? {}
  return JSON.stringify([
    addresses,
    [ready, serving, terminating],
    [hostname, nodeName, zone],
    [namespace, name, uid],
  ])
}
