import { forbiddenValue, invalidValue, requiredValue } from '../field-errors.ts'
import type { PodDNSConfig, PodSpec } from '../generated/types.ts'
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  ipErrors,
  qualifiedNameErrors,
} from '../string-formats.ts'
import { validateAffinity, validateTopologySpread } from './affinity.ts'
import { validateContainers, validateInitContainers } from './container.ts'
import { validateLabels } from './label-selector.ts'
import { type Errors, each, formatted, requiredWord, word } from './rules.ts'
import { validatePodSecurityContext } from './security-context.ts'
import { validateTolerations } from './toleration.ts'
import { validateVolumes } from './volume.ts'

const int32Max = 2_147_483_647

/**
 * The spec of a pod or of a pod template, after defaulting. `isPod` turns on what templates
 * are spared. Windows, device claims and the volume plugins of clouds are not looked into.
 */
export function validatePodSpec(
  spec: PodSpec,
  path: string,
  { isPod }: { readonly isPod: boolean },
): Errors {
  const { terminationGracePeriodSeconds: graceSeconds } = spec
  const volumes = validateVolumes(spec.volumes, `${path}.volumes`)
  const scope = { volumeNames: volumes.names, graceSeconds }
  return [
    ...(graceSeconds === undefined ? [requiredValue(`${path}.terminationGracePeriodSeconds`)] : []),
    ...volumes.errors,
    ...validateContainers(spec.containers ?? [], `${path}.containers`, scope),
    ...validateInitContainers(spec, `${path}.initContainers`, scope),
    ...validateHostNetworkPorts(spec, path, isPod),
    ...validatePolicies(spec, path),
    ...validateLabels(`${path}.nodeSelector`, spec.nodeSelector),
    ...validatePodSecurityContext(spec.securityContext, `${path}.securityContext`),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...validateDnsConfig(spec, `${path}.dnsConfig`),
    ...each(`${path}.readinessGates`, spec.readinessGates, (gate, at) =>
      formatted(`${at}.conditionType`, gate.conditionType ?? '', qualifiedNameErrors),
    ),
    ...each(`${path}.schedulingGates`, spec.schedulingGates, (gate, at) =>
      formatted(at, gate.name ?? '', qualifiedNameErrors),
    ),
    ...validateTopologySpread(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
    ...validateNames(spec, path),
    ...validateTolerations(spec.tolerations, `${path}.tolerations`),
    ...validateHostAliases(spec, `${path}.hostAliases`),
  ]
}

function validatePolicies(spec: PodSpec, path: string): Errors {
  return [
    ...requiredWord(`${path}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...requiredWord(`${path}.dnsPolicy`, spec.dnsPolicy, [
      'ClusterFirstWithHostNet',
      'ClusterFirst',
      'Default',
      'None',
    ]),
    ...word(`${path}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never']),
  ]
}

/** With hostNetwork a container's port is the host's. In a template it may still be left out. */
function validateHostNetworkPorts(spec: PodSpec, path: string, isPod: boolean): Errors {
  if (!spec.hostNetwork) return []
  return each(`${path}.containers`, spec.containers, (container, at) =>
    each(`${at}.ports`, container.ports, ({ containerPort, hostPort = 0 }, portPath) => {
      if (hostPort === containerPort || (hostPort === 0 && !isPod)) return []
      const detail = 'must match `containerPort` when `hostNetwork` is true'
      return [invalidValue(`${portPath}.hostPort`, hostPort, detail)]
    }),
  )
}

function validateNames(spec: PodSpec, path: string): Errors {
  const { activeDeadlineSeconds: deadline } = spec
  const errors = [
    ...optional(spec.serviceAccountName, `${path}.serviceAccountName`, dns1123SubdomainErrors),
    ...optional(spec.nodeName, `${path}.nodeName`, dns1123SubdomainErrors),
  ]
  if (deadline !== undefined && (deadline < 1 || deadline > int32Max)) {
    const detail = `must be between 1 and ${int32Max}, inclusive`
    errors.push(invalidValue(`${path}.activeDeadlineSeconds`, deadline, detail))
  }
  return [
    ...errors,
    ...optional(spec.hostname, `${path}.hostname`, dns1123LabelErrors),
    ...optional(spec.subdomain, `${path}.subdomain`, dns1123LabelErrors),
    ...optional(spec.priorityClassName, `${path}.priorityClassName`, dns1123SubdomainErrors),
    ...optional(spec.runtimeClassName, `${path}.runtimeClassName`, dns1123SubdomainErrors),
  ]
}

function optional(
  value: string | undefined,
  path: string,
  format: (text: string) => readonly string[],
): Errors {
  return value ? formatted(path, value, format) : []
}

function validateHostAliases(spec: PodSpec, path: string): Errors {
  return each(path, spec.hostAliases, ({ ip, hostnames }, at) => [
    ...formatted(`${at}.ip`, ip ?? '', ipErrors),
    ...each(`${at}.hostnames`, hostnames, (name, namePath) =>
      formatted(namePath, name, dns1123SubdomainErrors),
    ),
  ])
}

function validateDnsConfig({ dnsConfig, dnsPolicy }: PodSpec, path: string): Errors {
  if (dnsPolicy === 'None' && dnsConfig === undefined) {
    return [requiredValue(path, 'must provide `dnsConfig` when `dnsPolicy` is None')]
  }
  if (dnsPolicy === 'None' && !dnsConfig?.nameservers?.length) {
    const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
    return [requiredValue(`${path}.nameservers`, detail)]
  }
  return dnsConfig === undefined ? [] : validateResolver(dnsConfig, path)
}

function validateResolver(config: PodDNSConfig, path: string): Errors {
  const { nameservers = [], searches = [], options } = config
  const errors = []
  if (nameservers.length > 3) {
    const detail = 'must not have more than 3 nameservers'
    errors.push(invalidValue(`${path}.nameservers`, nameservers, detail))
  }
  errors.push(...each(`${path}.nameservers`, nameservers, (ip, at) => formatted(at, ip, ipErrors)))
  if (searches.length > 32) {
    const detail = 'must not have more than 32 search paths'
    errors.push(invalidValue(`${path}.searches`, searches, detail))
  }
  if (searches.join(' ').length > 2048) {
    const detail = 'must not have more than 2048 characters (including spaces) in the search list'
    errors.push(invalidValue(`${path}.searches`, searches, detail))
  }
  const unnamed = each(`${path}.options`, options, ({ name }, at) =>
    name ? [] : [requiredValue(at, 'must not be empty')],
  )
  return [...errors, ...unnamed]
}

/** Ephemeral containers come by a subresource of their own, never with the object. */
export function validateNoEphemeralContainers(spec: PodSpec, path: string, detail: string): Errors {
  const isGiven = (spec.ephemeralContainers ?? []).length > 0
  return isGiven ? [forbiddenValue(`${path}.ephemeralContainers`, detail)] : []
}
