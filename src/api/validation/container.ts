import {
  duplicateValue,
  forbiddenValue,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from '../field-errors.ts'
import type { Container, ContainerPort } from '../generated/types.ts'
import { dns1123LabelErrors, portNameErrors, portNumberErrors } from '../string-formats.ts'
import { validateEnv, validateEnvFrom } from './env.ts'
import { validateProbes } from './probe.ts'
import { validateResources } from './resources.ts'
import { type Errors, each, requiredFormatted, requiredText, requiredWord } from './rules.ts'
import { validateSecurityContext } from './security-context.ts'
import { validateMounts } from './volume-mount.ts'

export const protocols = ['SCTP', 'TCP', 'UDP']
const restartPolicies = ['Always', 'Never', 'OnFailure']

/** What the containers of a pod are checked against. */
export interface ContainerScope {
  readonly volumeNames: ReadonlySet<string>
  readonly graceSeconds: number | undefined
}

/** A pod's containers. */
export function validateContainers(
  containers: readonly Container[],
  path: string,
  scope: ContainerScope,
): Errors {
  if (containers.length === 0) return [requiredValue(path)]
  const names = new Set<string>()
  const errors = each(path, containers, (container, at) => {
    const own = [...validateContainer(container, at, scope)]
    if (names.has(container.name)) own.push(duplicateValue(`${at}.name`, container.name))
    names.add(container.name)
    own.push(...validateProbes(container, at, scope.graceSeconds))
    return [...own, ...validateRestartPolicy(container, at)]
  })
  return [...errors, ...validateHostPorts(containers, path)]
}

/** Init containers: those with restartPolicy Always are sidecars, and may be probed. */
export function validateInitContainers(
  {
    containers,
    initContainers = [],
  }: {
    readonly containers: readonly Container[]
    readonly initContainers?: readonly Container[]
  },
  path: string,
  scope: ContainerScope,
): Errors {
  const names = new Set(containers.map((container) => container.name))
  return each(path, initContainers, (container, at) => {
    const errors = [...validateContainer(container, at, scope)]
    const isSidecar = container.restartPolicy === 'Always'
    if (!isSidecar) errors.push(...validateRestartPolicy(container, at))
    if (names.has(container.name)) errors.push(duplicateValue(`${at}.name`, container.name))
    else if (container.name) names.add(container.name)
    errors.push(...validateHostPorts([container], path))
    if (isSidecar) return [...errors, ...validateProbes(container, at, scope.graceSeconds)]
    return [...errors, ...validateNoProbes(container, at)]
  })
}

function validateNoProbes(container: Container, path: string): Errors {
  const fields = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const
  const detail = 'may not be set for init containers without restartPolicy=Always'
  return fields
    .filter((field) => container[field] !== undefined)
    .map((field) => forbiddenValue(`${path}.${field}`, detail))
}

function validateContainer(container: Container, path: string, scope: ContainerScope): Errors {
  const messagePolicies = ['File', 'FallbackToLogsOnError']
  const pullPolicies = ['Always', 'IfNotPresent', 'Never']
  return [
    ...requiredFormatted(`${path}.name`, container.name, dns1123LabelErrors),
    ...requiredText(`${path}.image`, container.image),
    ...requiredWord(
      `${path}.terminationMessagePolicy`,
      container.terminationMessagePolicy,
      messagePolicies,
    ),
    ...validatePorts(container.ports, `${path}.ports`),
    ...validateEnv(container.env, `${path}.env`),
    ...validateEnvFrom(container.envFrom, `${path}.envFrom`),
    ...validateMounts(container, path, scope.volumeNames),
    ...requiredWord(`${path}.imagePullPolicy`, container.imagePullPolicy, pullPolicies),
    ...validateResources(container.resources, `${path}.resources`),
    ...validateSecurityContext(container.securityContext, `${path}.securityContext`),
  ]
}

function validateRestartPolicy(container: Container, path: string): Errors {
  const { restartPolicy, restartPolicyRules = [] } = container
  if (restartPolicy === undefined) {
    if (restartPolicyRules.length === 0) return []
    const detail = 'must specify restartPolicy when restart rules are used'
    return [requiredValue(`${path}.restartPolicy`, detail)]
  }
  if (restartPolicies.includes(restartPolicy)) return []
  return [unsupportedValue(`${path}.restartPolicy`, restartPolicy, restartPolicies)]
}

function validatePorts(ports: readonly ContainerPort[] | undefined, path: string): Errors {
  const names = new Set<string>()
  return each(path, ports, (port, at) => [
    ...validatePortName(port.name, `${at}.name`, names),
    ...(port.containerPort
      ? portNumber(`${at}.containerPort`, port.containerPort)
      : [requiredValue(`${at}.containerPort`)]),
    ...(port.hostPort ? portNumber(`${at}.hostPort`, port.hostPort) : []),
    ...requiredWord(`${at}.protocol`, port.protocol, protocols),
  ])
}

function portNumber(path: string, port: number): Errors {
  return portNumberErrors(port).map((detail) => invalidValue(path, port, detail))
}

function validatePortName(name: string | undefined, path: string, names: Set<string>): Errors {
  if (!name) return []
  const wrong = portNameErrors(name)
  if (wrong.length > 0) return wrong.map((detail) => invalidValue(path, name, detail))
  if (names.has(name)) return [duplicateValue(path, name)]
  names.add(name)
  return []
}

function validateHostPorts(containers: readonly Container[], path: string): Errors {
  const taken = new Set<string>()
  return each(path, containers, (container, at) =>
    each(`${at}.ports`, container.ports, ({ hostIP = '', hostPort, protocol }, portPath) => {
      if (!hostPort) return []
      const socket = `${protocol}/${hostIP}/${hostPort}`
      if (taken.has(socket)) return [duplicateValue(`${portPath}.hostPort`, socket)]
      taken.add(socket)
      return []
    }),
  )
}
