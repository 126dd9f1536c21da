import type { Service, ServicePort, ServiceSpec, ServiceStatus } from '../generated/types.ts'
import { change, changeEach, fill } from './copy-on-change.ts'

/** How long a client stays with one endpoint under sessionAffinity ClientIP. */
const affinitySeconds = 10_800

function defaultPort(port: ServicePort): ServicePort {
  return fill(port, { protocol: 'TCP', targetPort: port.port || undefined })
}

/** Reached from outside the cluster: through node ports, a load balancer or external IPs. */
function isExternal(spec: ServiceSpec): boolean {
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') return true
  return spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0
}

function defaultServiceSpec(spec: ServiceSpec): ServiceSpec {
  let result = fill(spec, { type: 'ClusterIP', sessionAffinity: 'None' })
  if (result.sessionAffinity === 'ClientIP') {
    const clientIP = Object.freeze({ timeoutSeconds: affinitySeconds })
    result = fill(result, { sessionAffinityConfig: Object.freeze({ clientIP }) })
  }
  if (result.type !== 'ExternalName') {
    result = fill(result, {
      internalTrafficPolicy: 'Cluster',
      ipFamilyPolicy: 'SingleStack',
      ipFamilies: Object.freeze(['IPv4']),
    })
  }
  if (isExternal(result)) result = fill(result, { externalTrafficPolicy: 'Cluster' })
  if (result.type === 'LoadBalancer') result = fill(result, { allocateLoadBalancerNodePorts: true })
  return change(result, 'ports', (ports) => changeEach(ports, defaultPort))
}

function defaultServiceStatus(status: ServiceStatus): ServiceStatus {
  return change(status, 'loadBalancer', (balancer) =>
    change(balancer, 'ingress', (list) =>
      changeEach(list, (ingress) =>
        ingress.ip === undefined ? ingress : fill(ingress, { ipMode: 'VIP' }),
      ),
    ),
  )
}

/** A-12, without cluster IPs and node ports: the API server allocates those. */
export function defaultService(service: Service): Service {
  return change(change(service, 'spec', defaultServiceSpec), 'status', defaultServiceStatus)
}
