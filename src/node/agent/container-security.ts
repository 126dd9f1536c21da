import { join } from 'node:path'
import type { Container, Pod } from '../../api/generated/types.ts'
import type { ContainerSecurity, SandboxIsolation } from '../runtime.ts'
import { podGroups } from './container-user.ts'

/** Where a kubelet looks for profiles that a manifest names. */
const profilesDir = '/var/lib/kubelet/seccomp'

/** What a container may do, by its own securityContext and its pod's. */
export function containerSecurity(pod: Pod, { securityContext }: Container): ContainerSecurity {
  const { capabilities, privileged, readOnlyRootFilesystem } = securityContext ?? {}
  return {
    isPrivileged: privileged === true,
    isRootReadOnly: readOnlyRootFilesystem === true,
    mayGainPrivileges: securityContext?.allowPrivilegeEscalation !== false,
    addCapabilities: capabilities?.add ?? [],
    dropCapabilities: capabilities?.drop ?? [],
    supplementalGroups: podGroups(pod),
    seccomp: seccompOf(
      securityContext?.seccompProfile ?? pod.spec?.securityContext?.seccompProfile,
    ),
  }
}

function seccompOf(
  profile: { readonly type: string; readonly localhostProfile?: string } | undefined,
): ContainerSecurity['seccomp'] {
  if (profile?.type === 'Localhost') {
    return { type: 'Localhost', path: join(profilesDir, profile.localhostProfile ?? '') }
  }
  if (profile?.type === 'RuntimeDefault' || profile?.type === 'Unconfined') {
    return { type: profile.type }
  }
  return undefined
}

/** What the pod's containers share with each other, and with the machine. */
export function sandboxIsolation({ spec }: Pod): SandboxIsolation {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  const sysctls = spec?.securityContext?.sysctls ?? []
  return {
    hostname: spec?.hostname,
    isHostPid: spec?.hostPID === true,
    isHostIpc: spec?.hostIPC === true,
    sharesProcesses: spec?.shareProcessNamespace === true,
    isPrivileged: containers.some(({ securityContext }) => securityContext?.privileged === true),
    sysctls: Object.fromEntries(sysctls.map(({ name, value }) => [name, value])),
    hostAliases: (spec?.hostAliases ?? []).map(({ ip, hostnames = [] }) => ({ ip, hostnames })),
  }
}
