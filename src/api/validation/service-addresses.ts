import { isIPv6 } from 'node:net'
import { duplicateValue, invalidValue, requiredValue } from '../field-errors.ts'
import type { ServiceSpec } from '../generated/types.ts'
import { ipErrors } from '../string-formats.ts'
import { type Errors, each, formatted, word } from './rules.ts'

const families = ['IPv4', 'IPv6']
const once = 'may not change once set'

export function isHeadless({ clusterIPs = [] }: ServiceSpec): boolean {
  return clusterIPs.length === 1 && clusterIPs[0] === 'None'
}

/** `clusterIP`, `clusterIPs` and their families, which must agree with each other. */
export function validateAddresses(spec: ServiceSpec): Errors {
  if (spec.type === 'ExternalName') return []
  const wrongIps = validateClusterIps(spec)
  const errors = [...validateFirst(spec), ...validateFamilies(spec), ...wrongIps]
  return wrongIps.length > 0 ? errors : [...errors, ...validatePairs(spec)]
}

function validateFirst({ clusterIP = '', clusterIPs = [] }: ServiceSpec): Errors {
  const path = 'spec.clusterIPs'
  const [first] = clusterIPs
  if (clusterIP === '') {
    if (first === undefined) return []
    return [invalidValue(path, clusterIPs, 'must be empty when `clusterIP` is not specified')]
  }
  if (first === undefined) return [requiredValue(path)]
  if (first === clusterIP) return []
  return [invalidValue(path, clusterIPs, 'first value must match `clusterIP`')]
}

function validateFamilies({ ipFamilies = [], ipFamilyPolicy }: ServiceSpec): Errors {
  const errors = each('spec.ipFamilies', ipFamilies, (family, at) => {
    const isRepeated = ipFamilies.indexOf(family) < ipFamilies.lastIndexOf(family)
    const isFirst = at.endsWith(`[${ipFamilies.indexOf(family)}]`)
    return [
      ...word(at, family, families),
      ...(isRepeated && !isFirst ? [duplicateValue(at, family)] : []),
    ]
  })
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
  return [...errors, ...word('spec.ipFamilyPolicy', ipFamilyPolicy, policies)]
}

function validateClusterIps({ clusterIPs = [] }: ServiceSpec): Errors {
  const path = 'spec.clusterIPs'
  const [first, ...others] = clusterIPs
  const isNone = first === 'None'
  const errors = each(path, clusterIPs, (ip, at) =>
    isNone && at === `${path}[0]` ? [] : formatted(at, ip, ipErrors),
  )
  if (!isNone || others.length === 0) return errors
  return [...errors, invalidValue(path, clusterIPs, "'None' must be the first and only value")]
}

function validatePairs(spec: ServiceSpec): Errors {
  const { clusterIPs = [], ipFamilies = [] } = spec
  const path = 'spec.clusterIPs'
  if (clusterIPs.length > 2) return [invalidValue(path, clusterIPs, 'may only hold up to 2 values')]
  const found = clusterIPs.map((ip) => (isIPv6(ip) ? 'IPv6' : 'IPv4'))
  if (found.length === 2 && found[0] === found[1]) {
    const detail = 'may specify no more than one IP for each IP family'
    return [invalidValue(path, clusterIPs, detail)]
  }
  if (isHeadless(spec)) return []
  return clusterIPs.flatMap((ip, index) => {
    const family = ipFamilies[index]
    if (family === undefined || family === found[index]) return []
    const detail = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``
    return [invalidValue(`${path}[${index}]`, ip, detail)]
  })
}

/** Addresses stay, except on the way to or from ExternalName and headless. */
export function validateAddressesUpdate(next: ServiceSpec, previous: ServiceSpec): Errors {
  if (next.type === 'ExternalName' || previous.type === 'ExternalName') return []
  const errors = [...validateIpsUpdate(next, previous)]
  if (!isHeadless(next) && !isHeadless(previous)) {
    errors.push(...validateFamiliesUpdate(next, previous))
  }
  const isBalanced = next.type === 'LoadBalancer' && previous.type === 'LoadBalancer'
  if (isBalanced && next.loadBalancerClass !== previous.loadBalancerClass) {
    errors.push(invalidValue('spec.loadBalancerClass', next.loadBalancerClass, once))
  }
  return errors
}

function validateIpsUpdate(next: ServiceSpec, previous: ServiceSpec): Errors {
  const path = 'spec.clusterIPs'
  if (isHeadless(next) && isHeadless(previous)) return []
  const { clusterIPs: before = [] } = previous
  const { clusterIPs: after = [] } = next
  if (before.length === 0) return []
  if (after.length === 0) {
    return [invalidValue(`${path}[0]`, undefined, 'primary clusterIP can not be unset')]
  }
  if (before.length === after.length) {
    return each(path, before, (ip, at) =>
      at.endsWith(`[${after.indexOf(ip)}]`) ? [] : [invalidValue(at, after, once)],
    )
  }
  const errors = before[0] === after[0] ? [] : [invalidValue(`${path}[0]`, after, once)]
  return [...errors, ...validateRelease(next, [after.length, before.length], 'clusterIP')]
}

function validateFamiliesUpdate(next: ServiceSpec, previous: ServiceSpec): Errors {
  const { ipFamilies: before = [] } = previous
  const { ipFamilies: after = [] } = next
  const isChanged = before[0] !== undefined && after[0] !== undefined && before[0] !== after[0]
  return [
    ...(isChanged ? [invalidValue('spec.ipFamilies[0]', after, once)] : []),
    ...validateRelease(next, [after.length, before.length], 'ipFamily'),
  ]
}

function validateRelease(
  { ipFamilyPolicy }: ServiceSpec,
  [after, before]: readonly [number, number],
  what: string,
): Errors {
  if (after !== 1 || before <= 1 || ipFamilyPolicy === 'SingleStack') return []
  const detail = `must be set to 'SingleStack' when releasing the secondary ${what}`
  return [invalidValue('spec.ipFamilyPolicy', ipFamilyPolicy, detail)]
}
