import type { SandboxIsolation, SandboxSpec } from '../../runtime.ts'
import { type CriMessage, namespaceMode, profileType } from './cri/messages.ts'
import {
  engineLabel,
  podNameLabel,
  podNamespaceLabel,
  podUidLabel,
  sandboxAnnotation,
} from './labels.ts'

/** The longest name that a machine can have. */
const hostnameLengthMax = 63

export const plainIsolation: SandboxIsolation = {
  hostname: undefined,
  isHostPid: false,
  isHostIpc: false,
  sharesProcesses: false,
  isPrivileged: false,
  sysctls: {},
  hostAliases: [],
}

export interface SandboxPlace {
  readonly engine: string
  readonly logDirectory: string
}

/** A pod's name may be longer than a machine's, and end otherwise. */
export function hostnameOf({ name, isolation }: SandboxSpec): string {
  return isolation?.hostname ?? name.slice(0, hostnameLengthMax).replace(/[-.]+$/, '')
}

export function namespaceOptions(spec: SandboxSpec): CriMessage<'NamespaceOption'> {
  const { isHostPid, isHostIpc, sharesProcesses } = spec.isolation ?? plainIsolation
  const pid = sharesProcesses ? namespaceMode.pod : namespaceMode.container
  return {
    network: spec.isHostNetwork ? namespaceMode.node : namespaceMode.pod,
    pid: isHostPid ? namespaceMode.node : pid,
    ipc: isHostIpc ? namespaceMode.node : namespaceMode.pod,
  }
}

/** A pod as CRI wants it described, when it is made and again for each of its containers. */
export function sandboxConfig(
  spec: SandboxSpec,
  { engine, logDirectory }: SandboxPlace,
): CriMessage<'PodSandboxConfig'> {
  const { podUid, namespace, name, ports, isHostNetwork } = spec
  const { isPrivileged, sysctls } = spec.isolation ?? plainIsolation
  const mapped = ports.filter(({ hostPort }) => hostPort !== undefined && !isHostNetwork)
  return {
    metadata: { name, uid: podUid, namespace },
    hostname: isHostNetwork ? '' : hostnameOf(spec),
    logDirectory,
    portMappings: mapped.map(({ containerPort, hostPort }) => ({ containerPort, hostPort })),
    labels: {
      [podUidLabel]: podUid,
      [podNameLabel]: name,
      [podNamespaceLabel]: namespace,
      [engineLabel]: engine,
    },
    annotations: { [sandboxAnnotation]: JSON.stringify(spec) },
    linux: {
      sysctls,
      securityContext: {
        namespaceOptions: namespaceOptions(spec),
        privileged: isPrivileged,
        seccomp: { profileType: profileType.runtimeDefault },
      },
    },
  }
}
