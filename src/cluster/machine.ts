import { readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import {
  arch,
  availableParallelism,
  freemem,
  hostname,
  platform,
  release,
  totalmem,
  type,
} from 'node:os'
import type { NodeRegistrationOptions } from '../node/agent/node-registration.ts'
import type { MachineRoom } from '../node/agent/pressure.ts'

/** As Go names them, which is how Kubernetes labels nodes. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

function osImage(): string {
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(readIfThere('/etc/os-release'))
  return name?.[1] ?? `${type()} ${release()}`
}

/** What the machine has left, on the disk that holds `dir`. */
export async function machineRoom(dir: string): Promise<MachineRoom> {
  const { bavail, blocks, bsize } = await statfs(dir)
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(readIfThere('/proc/meminfo'))?.[1]
  // Linux: how many may be, and of its load the count of all.
  const pids = Number(readIfThere('/proc/sys/kernel/pid_max') || 1)
  const used = Number(/\/(\d+)/.exec(readIfThere('/proc/loadavg'))?.[1] ?? 0)
  return {
    diskFreeBytes: bavail * bsize,
    diskBytes: blocks * bsize,
    memoryFreeBytes: available === undefined ? freemem() : Number(available) * 1024,
    pidsFree: pids - used,
    pids,
  }
}

export interface NodeDescription {
  readonly name: string
  readonly runtime: string
  /** undefined: the runtime is Astern's own. */
  readonly runtimeVersion?: string
  readonly podsMax: number
  readonly kubeletVersion: string
}

/** A node that is this machine, or a simulated one of its size. */
export function describeNode(node: NodeDescription): NodeRegistrationOptions {
  const architecture = architectures[arch()] ?? arch()
  const machineId = readIfThere('/etc/machine-id')
  return {
    name: node.name,
    hostname: node.runtime === 'simulated' ? node.name : hostname().toLowerCase(),
    address: '127.0.0.1',
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    podsMax: node.podsMax,
    labels: { 'kubernetes.io/os': platform(), 'kubernetes.io/arch': architecture },
    info: {
      architecture,
      bootID: readIfThere('/proc/sys/kernel/random/boot_id'),
      containerRuntimeVersion: `${node.runtime}://${node.runtimeVersion ?? '1.0.0'}`,
      kernelVersion: release(),
      kubeProxyVersion: '',
      kubeletVersion: node.kubeletVersion,
      machineID: machineId,
      operatingSystem: platform(),
      osImage: osImage(),
      systemUUID: machineId,
    },
  }
}
