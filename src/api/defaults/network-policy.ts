import type { NetworkPolicy, NetworkPolicyPort, NetworkPolicySpec } from '../generated/types.ts'
import { change, changeEach, fill } from './copy-on-change.ts'

function defaultPorts(ports: readonly NetworkPolicyPort[]): readonly NetworkPolicyPort[] {
  return changeEach(ports, (port) => fill(port, { protocol: 'TCP' }))
}

/** A policy is about what comes in, and about what goes out if it says anything of that. */
function defaultTypes(spec: NetworkPolicySpec): NetworkPolicySpec {
  if (spec.policyTypes?.length) return spec
  const policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
  return Object.freeze({ ...spec, policyTypes: Object.freeze(policyTypes) })
}

export function defaultNetworkPolicy(policy: NetworkPolicy): NetworkPolicy {
  return change(policy, 'spec', (spec) => {
    const incoming = change(defaultTypes(spec), 'ingress', (rules) =>
      changeEach(rules, (rule) => change(rule, 'ports', defaultPorts)),
    )
    return change(incoming, 'egress', (rules) =>
      changeEach(rules, (rule) => change(rule, 'ports', defaultPorts)),
    )
  })
}
