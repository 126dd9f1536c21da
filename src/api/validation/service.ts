import { duplicateValue, forbiddenValue, invalidValue, requiredValue } from '../field-errors.ts'
import type { LoadBalancerStatus, Service, ServicePort, ServiceSpec } from '../generated/types.ts'
import {
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  inclusiveRange,
  ipErrors,
  qualifiedNameErrors,
} from '../string-formats.ts'
import { protocols } from './container.ts'
import type { KindRules } from './kind-rules.ts'
import { validateLabels } from './label-selector.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { validatePortReference } from './probe.ts'
import { type Errors, each, formatted, requiredWord } from './rules.ts'
import { isHeadless, validateAddresses, validateAddressesUpdate } from './service-addresses.ts'
import { validateAffinityAndPolicies } from './service-policies.ts'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']

/**
 * A-47, after defaulting; that addresses and ports are free is known only to who allocates them.
 */
export const serviceRules: KindRules<Service> = {
  create: (service) => [
    ...validateObjectMeta(service.metadata, { namespaced: true, name: dns1035LabelErrors }),
    ...validateSpec(service.spec ?? {}),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateAddressesUpdate(next.spec ?? {}, previous.spec ?? {}),
    ...validateSpec(next.spec ?? {}),
  ],
  statusUpdate: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateLoadBalancer(next.status?.loadBalancer, next.spec ?? {}),
  ],
  warnings: ({ spec = {} }) => serviceWarnings(spec),
}

function validateSpec(spec: ServiceSpec): Errors {
  const { ports = [], selector, type } = spec
  const isPortless = isHeadless(spec) || type === 'ExternalName'
  return [
    ...(ports.length === 0 && !isPortless ? [requiredValue('spec.ports')] : []),
    ...validateType(spec),
    ...validatePorts(ports),
    ...validateLabels('spec.selector', selector),
    ...validateAffinityAndPolicies(spec),
    ...validateAddresses(spec),
    ...requiredWord('spec.type', type, types),
    ...validateNodePorts(spec),
    ...validatePortPairs(ports),
  ]
}

function validateType(spec: ServiceSpec): Errors {
  const { clusterIPs = [], externalName = '', ipFamilies = [], ipFamilyPolicy, type } = spec
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec)) {
    const detail = `may not be set to 'None' for ${type} services`
    return [invalidValue('spec.clusterIPs[0]', 'None', detail)]
  }
  if (type !== 'ExternalName') return []
  const detail = 'may not be set for ExternalName services'
  const name = externalName.replace(/\.$/, '')
  return [
    ...(clusterIPs.length > 0 ? [forbiddenValue('spec.clusterIPs', detail)] : []),
    ...(ipFamilies.length > 0 ? [forbiddenValue('spec.ipFamilies', detail)] : []),
    ...(ipFamilyPolicy ? [forbiddenValue('spec.ipFamilyPolicy', detail)] : []),
    ...(name === ''
      ? [requiredValue('spec.externalName')]
      : formatted('spec.externalName', name, dns1123SubdomainErrors)),
  ]
}

/** Several ports need names to be told apart by. */
function validatePorts(ports: readonly ServicePort[]): Errors {
  const names = new Set<string>()
  return each('spec.ports', ports, (port, at) => [
    ...validatePortName(port.name, `${at}.name`, { names, isRequired: ports.length > 1 }),
    ...validatePortNumber(port.port, `${at}.port`),
    ...requiredWord(`${at}.protocol`, port.protocol, protocols),
    ...validatePortReference(`${at}.targetPort`, port.targetPort),
    ...(port.appProtocol === undefined
      ? []
      : formatted(`${at}.appProtocol`, port.appProtocol, qualifiedNameErrors)),
  ])
}

function validatePortNumber(port: number | undefined, path: string): Errors {
  if (port !== undefined && port >= 1 && port <= 65_535) return []
  return [invalidValue(path, port ?? 0, inclusiveRange(1, 65_535))]
}

function validatePortName(
  name: string | undefined,
  path: string,
  { names, isRequired }: { readonly names: Set<string>; readonly isRequired: boolean },
): Errors {
  if (!name) return isRequired ? [requiredValue(path)] : []
  const errors = [...formatted(path, name, dns1123LabelErrors)]
  if (names.has(name)) errors.push(duplicateValue(path, name))
  names.add(name)
  return errors
}

function validateNodePorts({ ports = [], type }: ServiceSpec): Errors {
  const taken = new Set<string>()
  const forbidden = each('spec.ports', ports, ({ nodePort }, at) => {
    const detail = "may not be used when `type` is 'ClusterIP'"
    return nodePort && type === 'ClusterIP' ? [forbiddenValue(`${at}.nodePort`, detail)] : []
  })
  const repeated = each('spec.ports', ports, ({ nodePort, protocol }, at) => {
    const pair = `${protocol}/${nodePort}`
    const isTaken = Boolean(nodePort) && taken.has(pair)
    taken.add(pair)
    return isTaken ? [duplicateValue(`${at}.nodePort`, nodePort)] : []
  })
  return [...forbidden, ...repeated]
}

function validatePortPairs(ports: readonly ServicePort[]): Errors {
  const taken = new Set<string>()
  return each('spec.ports', ports, ({ port, protocol }, at) => {
    const pair = `${protocol}/${port}`
    const isTaken = taken.has(pair)
    taken.add(pair)
    if (!isTaken) return []
    // Upstream shows the pair as the struct it compares.
    const shown = {
      Name: '',
      Protocol: protocol,
      AppProtocol: null,
      Port: port,
      TargetPort: 0,
      NodePort: 0,
    }
    return [duplicateValue(at, shown)]
  })
}

function validateLoadBalancer(
  status: LoadBalancerStatus | undefined,
  { type }: ServiceSpec,
): Errors {
  const path = 'status.loadBalancer.ingress'
  const ingress = status?.ingress ?? []
  if (type !== 'LoadBalancer' && ingress.length > 0) {
    return [forbiddenValue(path, "may only be used when `spec.type` is 'LoadBalancer'")]
  }
  return each(path, ingress, ({ hostname, ip, ipMode }, at) => {
    const errors = ip ? [...formatted(`${at}.ip`, ip, ipErrors)] : []
    if (ip && ipMode === undefined) {
      errors.push(requiredValue(`${at}.ipMode`, 'must be specified when `ip` is set'))
    } else if (!ip && ipMode !== undefined) {
      errors.push(forbiddenValue(`${at}.ipMode`, 'may not be specified when `ip` is not set'))
    }
    if (!hostname) return errors
    return [...errors, ...formatted(`${at}.hostname`, hostname, dns1123SubdomainErrors)]
  })
}

function serviceWarnings(spec: ServiceSpec): readonly string[] {
  const { externalIPs = [], externalName, loadBalancerIP, sessionAffinity, type } = spec
  const warnings: string[] = []
  if (type === 'ClusterIP' && spec.clusterIP === 'None') {
    const ignored = 'is ignored for headless services'
    if (loadBalancerIP) warnings.push(`spec.loadBalancerIP ${ignored}`)
    if (externalIPs.length > 0) warnings.push(`spec.externalIPs ${ignored}`)
    if (sessionAffinity !== 'None') warnings.push(`spec.SessionAffinity ${ignored}`)
  }
  if (type === 'ExternalName' && externalIPs.length > 0) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  }
  if (type !== 'ExternalName' && externalName) {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  }
  return warnings
}
