import { forbiddenValue, invalidValue, requiredValue } from '../field-errors.ts'
import type { ServiceSpec } from '../generated/types.ts'
import { ipErrors, qualifiedNameErrors } from '../string-formats.ts'
import { type Errors, each, formatted, requiredWord, word } from './rules.ts'

const affinitySecondsMax = 86_400

/** Session affinity, traffic policies and what belongs to load balancers only. */
export function validateAffinityAndPolicies(spec: ServiceSpec): Errors {
  return [
    ...requiredWord('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']),
    ...validateSessionAffinity(spec),
    ...each('spec.externalIPs', spec.externalIPs, (ip, at) => formatted(at, ip, ipErrors)),
    ...validateLoadBalancerFields(spec),
    ...validateExternalPolicy(spec),
    ...validateInternalPolicy(spec),
    ...word('spec.trafficDistribution', spec.trafficDistribution, [
      'PreferClose',
      'PreferSameZone',
      'PreferSameNode',
    ]),
  ]
}

function validateSessionAffinity(spec: ServiceSpec): Errors {
  const { sessionAffinity, sessionAffinityConfig: config } = spec
  const path = 'spec.sessionAffinityConfig'
  if (sessionAffinity === 'None' && config) {
    return [forbiddenValue(path, 'must not be set when session affinity is None')]
  }
  if (sessionAffinity !== 'ClientIP') return []
  const detail = 'when session affinity type is ClientIP'
  if (!config) return [requiredValue(path, detail)]
  if (!config.clientIP) return [requiredValue(`${path}.clientIP`, detail)]
  const { timeoutSeconds } = config.clientIP
  const at = `${path}.clientIP.timeoutSeconds`
  if (timeoutSeconds === undefined) return [requiredValue(at, detail)]
  if (timeoutSeconds > 0 && timeoutSeconds <= affinitySecondsMax) return []
  const range = `must be greater than 0 and less than ${affinitySecondsMax}`
  return [invalidValue(at, timeoutSeconds, range)]
}

function validateLoadBalancerFields(spec: ServiceSpec): Errors {
  const { allocateLoadBalancerNodePorts, loadBalancerClass, loadBalancerSourceRanges } = spec
  if (spec.type === 'LoadBalancer') {
    return [
      // Upstream leaves out `spec` here.
      ...(allocateLoadBalancerNodePorts === undefined
        ? [requiredValue('allocateLoadBalancerNodePorts')]
        : []),
      ...(loadBalancerClass === undefined
        ? []
        : formatted('spec.loadBalancerClass', loadBalancerClass, qualifiedNameErrors)),
    ]
  }
  const given = Object.entries({
    LoadBalancerSourceRanges: loadBalancerSourceRanges?.length
      ? loadBalancerSourceRanges
      : undefined,
    allocateLoadBalancerNodePorts,
    loadBalancerClass,
  }).filter(([, value]) => value !== undefined)
  return given.map(([field]) =>
    forbiddenValue(`spec.${field}`, "may only be used when `type` is 'LoadBalancer'"),
  )
}

function validateExternalPolicy(spec: ServiceSpec): Errors {
  const { externalIPs = [], externalTrafficPolicy: policy, healthCheckNodePort, type } = spec
  const isExternal =
    type === 'LoadBalancer' ||
    type === 'NodePort' ||
    (type === 'ClusterIP' && externalIPs.length > 0)
  const path = 'spec.externalTrafficPolicy'
  const errors = isExternal ? [...requiredWord(path, policy, ['Cluster', 'Local'])] : []
  if (!isExternal && policy) {
    errors.push(invalidValue(path, policy, 'may only be set for externally-accessible services'))
  }
  const needsCheck = type === 'LoadBalancer' && policy === 'Local'
  if (!needsCheck && healthCheckNodePort) {
    const detail =
      "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
    errors.push(invalidValue('spec.healthCheckNodePort', healthCheckNodePort, detail))
  }
  return errors
}

function validateInternalPolicy({ internalTrafficPolicy: policy, type = '' }: ServiceSpec): Errors {
  const path = 'spec.internalTrafficPolicy'
  const isNeeded = ['ClusterIP', 'LoadBalancer', 'NodePort'].includes(type)
  if (policy === undefined) return isNeeded ? [requiredValue(path)] : []
  return word(path, policy, ['Cluster', 'Local'])
}
