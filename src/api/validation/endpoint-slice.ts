import { isIPv4, isIPv6 } from 'node:net'
import { duplicateValue, requiredValue, tooManyItems } from '../field-errors.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../generated/types.ts'
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  qualifiedNameErrors,
} from '../string-formats.ts'
import { protocols } from './container.ts'
import type { KindRules } from './kind-rules.ts'
import { validateLabels } from './label-selector.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { type Errors, each, type Format, formatted, requiredWord, unchanged } from './rules.ts'

const endpointsMax = 1000
const addressesMax = 100
const portsMax = 100

/**
 * Unlike upstream, loopback addresses are endpoints like any other: the pods of the process runtime
 * share the host's network and listen there.
 */
export const endpointSliceRules: KindRules<EndpointSlice> = {
  create: validateSlice,
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSlice(next),
    ...unchanged('addressType', next.addressType, previous.addressType),
  ],
}

function validateSlice(slice: EndpointSlice): Errors {
  const { addressType, endpoints = [], metadata, ports = [] } = slice
  return [
    ...validateObjectMeta(metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...requiredWord('addressType', addressType, ['FQDN', 'IPv4', 'IPv6']),
    ...(endpoints.length > endpointsMax
      ? [tooManyItems('endpoints', endpoints.length, endpointsMax)]
      : each('endpoints', endpoints, (endpoint, at) =>
          validateEndpoint(endpoint, at, addressType),
        )),
    ...(ports.length > portsMax
      ? [tooManyItems('ports', ports.length, portsMax)]
      : validatePorts(ports)),
  ]
}

const addressFormats: ReadonlyMap<string, Format> = new Map([
  ['IPv4', (text) => (isIPv4(text) ? [] : ['must be a valid IPv4 address'])],
  ['IPv6', (text) => (isIPv6(text) ? [] : ['must be a valid IPv6 address'])],
  ['FQDN', (text) => dns1123SubdomainErrors(text.replace(/\.$/, ''))],
])

function validateEndpoint(endpoint: Endpoint, path: string, addressType: string): Errors {
  const { addresses = [], hostname } = endpoint
  const at = `${path}.addresses`
  const format = addressFormats.get(addressType) ?? (() => [])
  const errors = each(at, addresses, (address, where) => formatted(where, address, format))
  return [
    ...(addresses.length === 0 ? [requiredValue(at, 'must contain at least 1 address')] : []),
    ...(addresses.length > addressesMax ? [tooManyItems(at, addresses.length, addressesMax)] : []),
    ...errors,
    ...validateLabels(`${path}.topology`, endpoint.deprecatedTopology),
    ...(hostname === undefined ? [] : formatted(`${path}.hostname`, hostname, dns1123LabelErrors)),
  ]
}

function validatePorts(ports: readonly EndpointPort[]): Errors {
  const names = new Set<string>()
  return each('ports', ports, ({ name = '', protocol, appProtocol }, at) => {
    const errors = name === '' ? [] : [...formatted(`${at}.name`, name, dns1123LabelErrors)]
    if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name))
    names.add(name)
    return [
      ...errors,
      ...requiredWord(`${at}.protocol`, protocol, protocols),
      ...(appProtocol === undefined
        ? []
        : formatted(`${at}.appProtocol`, appProtocol, qualifiedNameErrors)),
    ]
  })
}
