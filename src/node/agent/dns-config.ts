import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Pod, PodDNSConfig } from '../../api/generated/types.ts'
import type { Isolation, Mount } from '../runtime.ts'

/** The cluster's DNS, as containers find it. */
export interface ClusterDns {
  /** undefined: there is none that listens. */
  server(): string | undefined
  /** `cluster.local` */
  readonly domain: string
  /** This machine's `resolv.conf`. */
  readonly machineFile: string
}

/** What a `resolv.conf` says. */
export interface Resolution {
  readonly servers: readonly string[]
  readonly searches: readonly string[]
  readonly options: readonly string[]
}

const path = '/etc/resolv.conf'
/** As many as the C library looks at. */
const serversMax = 3
const searchesMax = 32

/** The pod's `resolv.conf` as a mount for its containers; none where theirs is the machine's. */
export async function resolvConfMount(
  pod: Pod,
  dns: ClusterDns,
  isolation: Isolation,
): Promise<readonly Mount[]> {
  const text = await readFile(dns.machineFile, 'utf8').catch(() => '')
  const resolution = resolutionOf(pod, dns, parseResolution(text))
  if (!resolution) return []
  const file = join(isolation.volumesDir(pod.metadata.uid ?? ''), '..', '.dns', 'resolv.conf')
  await mkdir(dirname(file), { recursive: true })
  // In place: containers that run see the same file.
  await writeFile(file, formatResolution(resolution), { mode: 0o644 })
  return [{ hostPath: file, containerPath: path, isReadOnly: true }]
}

/** By the pod's dnsPolicy and dnsConfig; undefined: as the machine has it. Pure. */
export function resolutionOf(
  pod: Pod,
  dns: Pick<ClusterDns, 'server' | 'domain'>,
  machine: Resolution,
): Resolution | undefined {
  const { dnsConfig } = pod.spec ?? {}
  const base = baseOf(pod, dns, machine)
  if (base === machine && !dnsConfig) return undefined
  return merged(base, dnsConfig ?? {})
}

function baseOf(
  { metadata: { namespace = '' }, spec }: Pod,
  { server, domain }: Pick<ClusterDns, 'server' | 'domain'>,
  machine: Resolution,
): Resolution {
  const policy = spec?.dnsPolicy ?? 'ClusterFirst'
  if (policy === 'None') return { servers: [], searches: [], options: [] }
  const isCluster =
    policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !spec?.hostNetwork)
  const own = server()
  if (!isCluster || own === undefined) return machine
  return {
    servers: [own],
    searches: [`${namespace}.svc.${domain}`, `svc.${domain}`, domain, ...machine.searches],
    options: ['ndots:5'],
  }
}

/** An option of the pod's replaces one of the same name. */
function merged(base: Resolution, { nameservers, searches, options }: PodDNSConfig): Resolution {
  const own = (options ?? []).map(({ name = '', value }) => (value ? `${name}:${value}` : name))
  const names = new Set(own.map(optionName))
  const kept = base.options.filter((option) => !names.has(optionName(option)))
  return {
    servers: [...new Set([...base.servers, ...(nameservers ?? [])])].slice(0, serversMax),
    searches: [...new Set([...base.searches, ...(searches ?? [])])].slice(0, searchesMax),
    options: [...kept, ...own],
  }
}

function optionName(option: string): string {
  return option.split(':')[0] ?? ''
}

export function parseResolution(text: string): Resolution {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  const of = (keyword: string) => lines.filter(([first]) => first === keyword)
  return {
    servers: of('nameserver').flatMap(([, server]) => (server ? [server] : [])),
    // The last line counts; `domain` is the older word for it.
    searches: (
      lines.filter(([first]) => first === 'search' || first === 'domain').at(-1) ?? []
    ).slice(1),
    options: of('options').flatMap(([, ...options]) => options),
  }
}

function formatResolution({ servers, searches, options }: Resolution): string {
  const lines = [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}`] : []),
    ...servers.map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ]
  return `${lines.join('\n')}\n`
}
