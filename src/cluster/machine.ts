import { readFileSync } from 'node:fs'
import { arch, availableParallelism, hostname, platform, release, totalmem, type } from 'node:os'
import type { NodeRegistrationOptions } from '../node/agent/node-registration.ts'

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

export interface NodeDescription {
  readonly name: string
  readonly runtime: string
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
      containerRuntimeVersion: `${node.runtime}://1.0.0`,
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
