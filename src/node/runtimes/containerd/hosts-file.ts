import type { SandboxSpec } from '../../runtime.ts'
import { hostnameOf } from './sandbox-config.ts'

const localNames = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
]

/** The names that a pod with a network of its own knows without asking anybody. */
export function hostsFile(spec: SandboxSpec, ip: string): string {
  const aliases = (spec.isolation?.hostAliases ?? []).map((alias) =>
    [alias.ip, ...alias.hostnames].join('\t'),
  )
  return `${[...localNames, `${ip}\t${hostnameOf(spec)}`, ...aliases].join('\n')}\n`
}
