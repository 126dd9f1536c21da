import type { Service, ServicePort, ServiceSpec } from '../../api/generated/types.ts'
import { services } from '../../api/scheme.ts'
import { isSame } from './same.ts'
import { defineStrategy, withFieldOf, without } from './strategy.ts'

const addressedTypes = ['ClusterIP', 'NodePort', 'LoadBalancer']

export function needsClusterIP(spec: ServiceSpec | undefined): boolean {
  return spec?.type !== 'ExternalName' && spec?.clusterIP !== 'None'
}

export function needsNodePorts(spec: ServiceSpec | undefined): boolean {
  if (spec?.type === 'NodePort') return true
  return spec?.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false
}

function isSamePort(a: ServicePort, b: ServicePort): boolean {
  return a.port === b.port && (a.protocol ?? 'TCP') === (b.protocol ?? 'TCP')
}

/** A PUT that leaves out what the server allocated keeps it. */
function keepAllocated(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const isAddressed = ({ type }: ServiceSpec) => type !== 'ExternalName'
  const keepsIP = isAddressed(spec) && isAddressed(old) && !spec.clusterIP
  const { clusterIP, clusterIPs } = old
  const addressed = keepsIP ? { ...spec, clusterIP, clusterIPs } : spec
  if (!needsNodePorts(spec) || !needsNodePorts(old)) return addressed
  const ports = addressed.ports?.map((port) => {
    const nodePort = old.ports?.find((other) => isSamePort(port, other))?.nodePort
    return port.nodePort || !nodePort ? port : { ...port, nodePort }
  })
  return ports ? { ...addressed, ports } : addressed
}

/** The fields that only some types have, and which. */
const fieldsOfTypes: readonly (readonly [keyof ServiceSpec, readonly string[]])[] = [
  ['clusterIP', addressedTypes],
  ['clusterIPs', addressedTypes],
  ['ipFamilies', addressedTypes],
  ['ipFamilyPolicy', addressedTypes],
  ['internalTrafficPolicy', addressedTypes],
  ['externalTrafficPolicy', ['NodePort', 'LoadBalancer']],
  ['allocateLoadBalancerNodePorts', ['LoadBalancer']],
  ['loadBalancerClass', ['LoadBalancer']],
  ['externalName', ['ExternalName']],
]

/**
 * A change of type drops what only the former type had, unless the request changed it on purpose.
 */
function dropOfFormerType(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const has = (types: readonly string[], { type = 'ClusterIP' }: ServiceSpec) =>
    types.includes(type)
  const dropped = fieldsOfTypes.filter(
    ([name, types]) => has(types, old) && !has(types, spec) && isSame(spec[name], old[name]),
  )
  const next = dropped.reduce((rest, [name]) => without(rest, name), spec)
  if (needsNodePorts(spec) || !needsNodePorts(old) || !next.ports) return next
  const isOld = (port: ServicePort) => old.ports?.some((p) => p.nodePort === port.nodePort)
  const ports = next.ports.map((port) => (isOld(port) ? without(port, 'nodePort') : port))
  return { ...next, ports }
}

/** The two forms of the first address agree, whichever the request gave. */
function alignClusterIPs(spec: ServiceSpec): ServiceSpec {
  const first = spec.clusterIP || spec.clusterIPs?.[0]
  if (!first) return spec
  return { ...spec, clusterIP: first, clusterIPs: [first, ...(spec.clusterIPs ?? []).slice(1)] }
}

function prepareForUpdate(service: Service, old: Service): Service {
  const kept = withFieldOf(service, old, 'status')
  if (!service.spec || !old.spec) return kept
  const spec = dropOfFormerType(keepAllocated(service.spec, old.spec), old.spec)
  return { ...kept, spec: alignClusterIPs(spec) }
}

export const serviceStrategy = defineStrategy(services, {
  subresources: ['status'],
  prepareForCreate: (service) => ({
    ...service,
    ...(service.spec && { spec: alignClusterIPs(service.spec) }),
    status: { loadBalancer: {} },
  }),
  prepareForUpdate,
  prepareForStatusUpdate: (service, old) => withFieldOf(service, old, 'spec'),
})
