import { cidrErrors, isCidrWithin } from '../cidr.ts'
import { forbiddenValue, invalidValue, requiredValue } from '../field-errors.ts'
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from '../generated/types.ts'
import { dns1123SubdomainErrors, portNameErrors, portNumberErrors } from '../string-formats.ts'
import { protocols } from './container.ts'
import type { KindRules } from './kind-rules.ts'
import { validateLabelSelector } from './label-selector.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import { type Errors, each, formatted, requiredFormatted, word } from './rules.ts'

export const networkPolicyRules: KindRules<NetworkPolicy> = {
  create: (policy) => [
    ...validateObjectMeta(policy.metadata, { namespaced: true, name: dns1123SubdomainErrors }),
    ...validateSpec(policy.spec),
  ],
  update: (next, previous) => [
    ...validateObjectMetaUpdate(next.metadata, previous.metadata),
    ...validateSpec(next.spec),
  ],
  notDone:
    'networkpolicies are kept as data here: no traffic is filtered by them; do not rely on one to keep pods apart',
}

function validateSpec(spec: NetworkPolicySpec | undefined): Errors {
  const types = spec?.policyTypes ?? []
  const allowed = ['Egress', 'Ingress']
  const errors: Errors =
    types.length > allowed.length
      ? [invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes')]
      : each('spec.policyTypes', types, (type, path) => word(path, type, allowed))
  return [
    ...validateLabelSelector('spec.podSelector', spec?.podSelector),
    ...each('spec.ingress', spec?.ingress, (rule, path) => [
      ...each(`${path}.ports`, rule.ports, validatePort),
      ...each(`${path}.from`, rule.from, validatePeer),
    ]),
    ...each('spec.egress', spec?.egress, (rule, path) => [
      ...each(`${path}.ports`, rule.ports, validatePort),
      ...each(`${path}.to`, rule.to, validatePeer),
    ]),
    ...errors,
  ]
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: string): Errors {
  const errors = [...word(`${path}.protocol`, protocol, protocols)]
  const at = `${path}.port`
  if (typeof port === 'string') {
    errors.push(...formatted(at, port, portNameErrors))
    if (endPort !== undefined) {
      const detail = 'may not be specified when `port` is non-numeric'
      errors.push(forbiddenValue(`${path}.endPort`, detail))
    }
    return errors
  }
  if (port === undefined) {
    const detail = 'may not be specified when `port` is not specified'
    return endPort === undefined ? errors : [...errors, forbiddenValue(`${path}.endPort`, detail)]
  }
  errors.push(...portNumberErrors(port).map((detail) => invalidValue(at, port, detail)))
  if (endPort === undefined) return errors
  if (endPort < port) {
    const detail = `must be greater than or equal to \`port\``
    errors.push(invalidValue(`${path}.endPort`, endPort, detail))
  }
  const wrong = portNumberErrors(endPort)
  return [...errors, ...wrong.map((detail) => invalidValue(`${path}.endPort`, endPort, detail))]
}

function validatePeer(peer: NetworkPolicyPeer, path: string): Errors {
  const { podSelector, namespaceSelector, ipBlock } = peer
  if (!podSelector && !namespaceSelector && !ipBlock) {
    return [requiredValue(path, 'must specify a peer')]
  }
  const errors = [
    ...validateLabelSelector(`${path}.podSelector`, podSelector),
    ...validateLabelSelector(`${path}.namespaceSelector`, namespaceSelector),
    ...(ipBlock ? validateBlock(ipBlock, `${path}.ipBlock`) : []),
  ]
  if (!ipBlock || (!podSelector && !namespaceSelector)) return errors
  const detail = 'may not specify both ipBlock and another peer'
  return [...errors, forbiddenValue(path, detail)]
}

function validateBlock({ cidr, except }: IPBlock, path: string): Errors {
  const errors = requiredFormatted(`${path}.cidr`, cidr, cidrErrors)
  if (errors.length > 0) return errors
  return each(`${path}.except`, except, (part, at) => {
    const wrong = formatted(at, part, cidrErrors)
    if (wrong.length > 0 || isCidrWithin(part, cidr)) return wrong
    return [invalidValue(at, part, 'must be a strict subset of `cidr`')]
  })
}
