import type { ContainerLimits, ContainerSpec, Mount, SandboxSpec } from '../../runtime.ts'
import { type CriMessage, profileType } from './cri/messages.ts'
import {
  containerNameLabel,
  engineLabel,
  imageAnnotation,
  imageIdAnnotation,
  podNameLabel,
  podNamespaceLabel,
  podUidLabel,
} from './labels.ts'
import { namespaceOptions } from './sandbox-config.ts'

/** As a kubelet has it. */
const cpuPeriodMicros = 100_000
const cpuQuotaMicrosMin = 1_000
const cpuSharesMin = 2
const cpuSharesPerCpu = 1_024

/** Of /proc: what Docker and every kubelet hide from containers … */
const maskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
]
/** … and keep them from changing. */
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

export interface ContainerPlace {
  readonly engine: string
  readonly sandbox: SandboxSpec
  readonly imageId: string
  /** Relative to the sandbox's log directory. */
  readonly logPath: string
  /** Of the runtime's own: files that every container has. */
  readonly mounts: readonly Mount[]
}

/** A container as CRI wants it described. */
export function containerConfig(
  spec: ContainerSpec,
  place: ContainerPlace,
): CriMessage<'ContainerConfig'> {
  const { podUid, podName, namespace, container, restart, command, args, stdin, tty } = spec
  return {
    metadata: { name: container, attempt: restart },
    image: { image: place.imageId },
    command,
    args,
    workingDir: spec.workingDir ?? '',
    envs: spec.env.map(({ name, value }) => ({ key: name, value })),
    mounts: mountsOf(spec, place),
    labels: {
      [podUidLabel]: podUid,
      [podNameLabel]: podName,
      [podNamespaceLabel]: namespace,
      [containerNameLabel]: container,
      [engineLabel]: place.engine,
    },
    annotations: { [imageAnnotation]: spec.image, [imageIdAnnotation]: place.imageId },
    logPath: place.logPath,
    stdin: stdin !== undefined,
    stdinOnce: stdin === 'once',
    tty: tty ?? false,
    linux: {
      resources: resourcesOf(spec.limits, spec.cpuRequestMillis),
      securityContext: securityOf(spec, place.sandbox),
    },
  }
}

/** The pod's own mounts win over what every container has. */
function mountsOf({ mounts }: ContainerSpec, place: ContainerPlace): CriMessage<'Mount'>[] {
  const own = new Set(mounts.map(({ containerPath }) => containerPath))
  const all = [...place.mounts.filter(({ containerPath }) => !own.has(containerPath)), ...mounts]
  return all.map(({ containerPath, hostPath, isReadOnly }) => ({
    containerPath,
    hostPath,
    readonly: isReadOnly,
  }))
}

function resourcesOf(
  { cpuMillis, memoryBytes }: ContainerLimits,
  requestMillis: number | undefined,
): CriMessage<'LinuxContainerResources'> {
  const share = requestMillis ?? cpuMillis ?? 0
  const quota = Math.max(((cpuMillis ?? 0) * cpuPeriodMicros) / 1000, cpuQuotaMicrosMin)
  return {
    cpuShares: Math.max(Math.floor((share * cpuSharesPerCpu) / 1000), cpuSharesMin),
    ...(cpuMillis && { cpuPeriod: cpuPeriodMicros, cpuQuota: quota }),
    ...(memoryBytes && { memoryLimitInBytes: memoryBytes }),
  }
}

function securityOf(
  { user, security }: ContainerSpec,
  sandbox: SandboxSpec,
): CriMessage<'LinuxContainerSecurityContext'> {
  return {
    namespaceOptions: namespaceOptions(sandbox),
    ...(user && { runAsUser: { value: user.uid } }),
    ...(user?.gid !== undefined && { runAsGroup: { value: user.gid } }),
    supplementalGroups: user?.supplementalGroups ?? security?.supplementalGroups ?? [],
    privileged: security?.isPrivileged ?? false,
    readonlyRootfs: security?.isRootReadOnly ?? false,
    noNewPrivs: security ? !security.mayGainPrivileges : false,
    capabilities: {
      addCapabilities: security?.addCapabilities ?? [],
      dropCapabilities: security?.dropCapabilities ?? [],
    },
    ...(!security?.isPrivileged && { maskedPaths, readonlyPaths }),
    seccomp: seccompOf(security?.seccomp),
  }
}

/** A pod that says nothing runs without, as on every kubelet that is not told otherwise. */
function seccompOf(
  seccomp: NonNullable<ContainerSpec['security']>['seccomp'],
): CriMessage<'SecurityProfile'> {
  if (seccomp?.type === 'Localhost') {
    return { profileType: profileType.localhost, localhostRef: seccomp.path }
  }
  const isDefault = seccomp?.type === 'RuntimeDefault'
  return { profileType: isDefault ? profileType.runtimeDefault : profileType.unconfined }
}
