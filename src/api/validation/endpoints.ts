import { invalidValue, requiredValue } from '../field-errors.ts'
import type {
  EndpointAddress,
  EndpointSubset,
  Endpoints,
  EndpointsPort,
} from '../generated/types.ts'
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  ipErrors,
  portNumberErrors,
  qualifiedNameErrors,
} from '../string-formats.ts'
import { protocols } from './container.ts'
import type { KindRules } from './kind-rules.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { type Errors, each, formatted, requiredFormatted, requiredWord } from './rules.ts'

/** Loopback addresses are endpoints like any other here; see `endpoint-slice.ts`. */
export const endpointsRules: KindRules<Endpoints> = {
  create: (endpoints) => [
    ...validateObjectMeta(endpoints.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...each('subsets', endpoints.subsets, validateSubset),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...each('subsets', next.subsets, validateSubset),
  ],
}

function validateSubset(subset: EndpointSubset, path: string): Errors {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset
  const isEmpty = addresses.length + notReadyAddresses.length === 0
  return [
    ...(isEmpty ? [requiredValue(path, 'must specify `addresses` or `notReadyAddresses`')] : []),
    ...each(`${path}.addresses`, addresses, validateAddress),
    ...each(`${path}.notReadyAddresses`, notReadyAddresses, validateAddress),
    ...each(`${path}.ports`, ports, (port, at) => validatePort(port, at, ports.length > 1)),
  ]
}

function validateAddress({ ip, hostname, nodeName }: EndpointAddress, path: string): Errors {
  return [
    ...formatted(`${path}.ip`, ip, ipErrors),
    ...(hostname ? formatted(`${path}.hostname`, hostname, dns1123LabelErrors) : []),
    ...(nodeName ? formatted(`${path}.nodeName`, nodeName, dns1123SubdomainErrors) : []),
  ]
}

function validatePort(
  { name, port, protocol, appProtocol }: EndpointsPort,
  path: string,
  isNameRequired: boolean,
): Errors {
  return [
    ...(isNameRequired || name ? requiredFormatted(`${path}.name`, name, dns1123LabelErrors) : []),
    ...portNumberErrors(port).map((detail) => invalidValue(`${path}.port`, port, detail)),
    ...requiredWord(`${path}.protocol`, protocol, protocols),
    ...(appProtocol === undefined
      ? []
      : formatted(`${path}.appProtocol`, appProtocol, qualifiedNameErrors)),
  ]
}
