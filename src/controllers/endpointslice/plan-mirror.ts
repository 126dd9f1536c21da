import { isIPv6 } from 'node:net'
import type {
  Endpoint,
  EndpointAddress,
  EndpointSlice,
  EndpointSubset,
  Endpoints,
} from '../../api/generated/types.ts'
import {
  endpointSliceManagedByLabel,
  endpointSliceMirroringController,
  lastAppliedAnnotation,
  serviceNameLabel,
} from '../../api/names.ts'
import { newControllerRef } from '../../controller/controller-refs.ts'

/** Of one subset; upstream leaves out what is more. */
const addressesMax = 1000

/** The slices that say what Endpoints say which somebody has written by hand (V-13). */
export function mirrorSlices(endpoints: Endpoints): readonly EndpointSlice[] {
  return (endpoints.subsets ?? []).flatMap((subset) =>
    (['IPv4', 'IPv6'] as const).flatMap((addressType) => {
      const addresses = endpointsOf(subset, addressType)
      return addresses.length === 0 ? [] : [sliceOf(endpoints, subset, { addressType, addresses })]
    }),
  )
}

function endpointsOf(
  { addresses = [], notReadyAddresses = [] }: EndpointSubset,
  addressType: string,
): readonly Endpoint[] {
  const isWanted = ({ ip }: EndpointAddress) => isIPv6(ip) === (addressType === 'IPv6')
  return [
    ...addresses.filter(isWanted).map((address) => endpointFrom(address, true)),
    ...notReadyAddresses.filter(isWanted).map((address) => endpointFrom(address, false)),
  ].slice(0, addressesMax)
}

function endpointFrom(
  { ip, hostname, nodeName, targetRef }: EndpointAddress,
  ready: boolean,
): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname && { hostname }),
    ...(nodeName && { nodeName }),
    ...(targetRef && { targetRef }),
  }
}

function sliceOf(
  endpoints: Endpoints,
  { ports = [] }: EndpointSubset,
  {
    addressType,
    addresses,
  }: { readonly addressType: string; readonly addresses: readonly Endpoint[] },
): EndpointSlice {
  const { name = '', namespace, labels, annotations = {} } = endpoints.metadata
  const { [lastAppliedAnnotation]: _, ...copied } = annotations
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: {
        ...labels,
        [serviceNameLabel]: name,
        [endpointSliceManagedByLabel]: endpointSliceMirroringController,
      },
      ...(Object.keys(copied).length > 0 && { annotations: copied }),
      ownerReferences: [newControllerRef(endpoints)],
    },
    addressType,
    endpoints: addresses,
    ports: ports.map(({ name: portName = '', port, protocol = 'TCP', appProtocol }) => ({
      name: portName,
      port,
      protocol,
      ...(appProtocol && { appProtocol }),
    })),
  }
}
