import type {
  Endpoint,
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
  Endpoints,
  EndpointsPort,
  Pod,
  Service,
} from '../../api/generated/types.ts'
import {
  endpointsController,
  endpointsManagedByLabel,
  headlessServiceLabel,
  overCapacityAnnotation,
} from '../../api/names.ts'
import { isTerminating } from '../../api/object.ts'
import { endpointOf, endpointPortsOf, hasEndpoint, portsKey } from './endpoint.ts'

/** More addresses than this are left out, and an annotation says so. */
export const addressesMax = 1000

/** What the Endpoints of a Service with a selector should say (F-12). */
export function planEndpoints(
  service: Service,
  pods: readonly Pod[],
  stored: Endpoints | undefined,
): Endpoints {
  const { name, namespace, labels } = service.metadata
  const isNotReadyPublished = service.spec?.publishNotReadyAddresses === true
  const isHeadless = service.spec?.clusterIP === 'None'
  // Addresses alone mean something to those who ask for names, and to nobody else.
  const needsPorts = !isHeadless || (service.spec?.ports ?? []).length > 0
  const candidates = pods
    .filter((pod) => hasEndpoint(pod) && (isNotReadyPublished || !isTerminating(pod)))
    .map((pod) => ({ ports: endpointPortsOf(pod, service), endpoint: endpointOf(pod, service) }))
    .filter(({ ports }) => !needsPorts || ports.length > 0)
    .sort((a, b) => rank(a.endpoint) - rank(b.endpoint))
  const kept = candidates.slice(0, addressesMax)
  const { [overCapacityAnnotation]: _, ...annotations } = stored?.metadata.annotations ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...stored?.metadata,
      name,
      namespace,
      labels: {
        ...labels,
        [endpointsManagedByLabel]: endpointsController,
        ...(isHeadless && { [headlessServiceLabel]: '' }),
      },
      annotations:
        kept.length < candidates.length
          ? { ...annotations, [overCapacityAnnotation]: 'truncated' }
          : annotations,
    },
    subsets: subsetsOf(kept),
  }
}

interface Candidate {
  readonly ports: readonly EndpointPort[]
  readonly endpoint: Endpoint
}

/** Ready ones first: those that are left out of too many are not missed. */
function rank({ conditions }: Endpoint): number {
  return conditions?.ready ? 0 : 1
}

/** One subset per port map, in an order that depends on nothing else but what is in it. */
function subsetsOf(candidates: readonly Candidate[]): readonly EndpointSubset[] {
  const groups = new Map<string, { ports: readonly EndpointPort[]; endpoints: Endpoint[] }>()
  for (const { ports, endpoint } of candidates) {
    const key = portsKey(ports)
    const group = groups.get(key) ?? { ports, endpoints: [] }
    group.endpoints.push(endpoint)
    groups.set(key, group)
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { ports, endpoints }]) => {
      const ready = endpoints.filter((each) => each.conditions?.ready).map(addressOf)
      const notReady = endpoints.filter((each) => !each.conditions?.ready).map(addressOf)
      return {
        ...(ready.length > 0 && { addresses: ready.sort(byAddress) }),
        ...(notReady.length > 0 && { notReadyAddresses: notReady.sort(byAddress) }),
        ...(ports.length > 0 && { ports: ports.map(endpointsPort) }),
      }
    })
}

function addressOf({ addresses, hostname, nodeName, targetRef }: Endpoint): EndpointAddress {
  const [ip = ''] = addresses
  return {
    ip,
    ...(hostname && { hostname }),
    ...(nodeName && { nodeName }),
    ...(targetRef && { targetRef }),
  }
}

function byAddress(a: EndpointAddress, b: EndpointAddress): number {
  const text = ({ ip, targetRef }: EndpointAddress) => `${ip} ${targetRef?.uid}`
  return text(a) < text(b) ? -1 : 1
}

function endpointsPort({ name, port = 0, protocol, appProtocol }: EndpointPort): EndpointsPort {
  return {
    ...(name && { name }),
    port,
    ...(protocol && { protocol }),
    ...(appProtocol && { appProtocol }),
  }
}
