import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { routedRanges } from '../node/network/ip-tool.ts'
import { checkPodNetwork, PodNetworkUnavailable } from '../node/network/pod-network.ts'
import { freePrivateRanges, overlap } from '../node/network/private-range.ts'
import type { DataDirectory } from './data-directory.ts'
import { checkServiceRange } from './service-range.ts'

export const runtimeNames = ['process', 'containerd', 'simulated'] as const
export type RuntimeName = (typeof runtimeNames)[number]

/** `host`: pods share the machine's network; `cni`: each has one of its own. */
export type PodNetworkName = 'host' | 'cni'

/** What is fixed for a data directory at its first `up` (design: service addresses). */
export interface Settings {
  readonly runtime: RuntimeName
  readonly serviceCidr: string
  readonly podNetwork: PodNetworkName
  /** Set for `cni`: where Astern's own network has its addresses. */
  readonly podCidr?: string
  /** Describes the network of `cni`; by default it is Astern's own. */
  readonly cniConfDir?: string
  /** Set for `containerd`: where it is spoken to. */
  readonly criSocket?: string
}

const usualCriSocket = '/run/containerd/containerd.sock'

type Asked = Partial<Omit<Settings, 'podCidr'>>

/** The settings cannot be had, or the data were made for others; the message says what to do. */
export class SettingsConflict extends Error {
  override readonly name = 'SettingsConflict'
}

const formatVersion = 1

const flags = {
  runtime: '--runtime',
  serviceCidr: '--service-cidr',
  podNetwork: '--pod-network',
  cniConfDir: '--cni-conf-dir',
  criSocket: '--cri-socket',
} as const

/** A 127.x.0.0/16 of the directory's own, so that engines of one machine rarely share addresses. */
function serviceCidrFor(path: string): string {
  return `127.${64 + (firstByte(path) % 180)}.0.0/16`
}

function firstByte(path: string): number {
  return createHash('sha256').update(path).digest()[0] as number
}

/**
 * Ranges that pods with networks of their own and this machine both reach. Rejects with
 * PodNetworkUnavailable.
 */
async function networkedRanges(
  path: string,
  { serviceCidr }: Asked,
): Promise<Pick<Settings, 'podCidr' | 'serviceCidr'>> {
  if (serviceCidr !== undefined && overlap(serviceCidr, '127.0.0.0/8')) {
    throw new SettingsConflict(
      `pods with networks of their own cannot reach --service-cidr ${serviceCidr}, which every network has for itself; leave it out, or take a range such as 10.96.0.0/16`,
    )
  }
  const taken = [...(await routedRanges()), ...(serviceCidr === undefined ? [] : [serviceCidr])]
  const free = freePrivateRanges(taken, firstByte(path))
  if (!free) throw new PodNetworkUnavailable('no 10.x.0.0/16 is free on this machine')
  return { ...free, ...(serviceCidr !== undefined && { serviceCidr }) }
}

function unknownRuntime(name: string): string {
  return `there is no runtime ${JSON.stringify(name)}; take ${runtimeNames.join(', ')}`
}

/**
 * Reads the settings, or fixes them now; what is asked for must agree with what is there. Rejects
 * with SettingsConflict or PodNetworkUnavailable.
 */
export async function fixSettings(directory: DataDirectory, asked: Asked): Promise<Settings> {
  const kept = readSettings(directory)
  if (kept) return agree(directory, kept, asked)
  const { runtime = 'process', podNetwork = 'host', cniConfDir } = asked
  if (!runtimeNames.includes(runtime)) throw new SettingsConflict(unknownRuntime(runtime))
  const ranges = await rangesFor(directory.path, asked)
  const criSocket = runtime === 'containerd' ? (asked.criSocket ?? usualCriSocket) : undefined
  const settings: Settings = {
    runtime,
    podNetwork,
    ...ranges,
    ...(cniConfDir && { cniConfDir }),
    ...(criSocket && { criSocket }),
  }
  const text = JSON.stringify({ format: formatVersion, ...settings }, null, 2)
  writeFileSync(directory.settings, `${text}\n`, { mode: 0o600 })
  return settings
}

async function rangesFor(
  path: string,
  asked: Asked,
): Promise<Pick<Settings, 'podCidr' | 'serviceCidr'>> {
  if (asked.podNetwork === 'cni') {
    checkPodNetwork(asked.cniConfDir)
    return networkedRanges(path, asked)
  }
  if (asked.runtime === 'containerd') {
    checkServiceRange()
    // Addresses of pods are containerd's network's to give.
    const { serviceCidr } = await networkedRanges(path, asked)
    return { serviceCidr }
  }
  return { serviceCidr: asked.serviceCidr ?? serviceCidrFor(path) }
}

/** As if the directory had never been started on. */
export function forgetSettings({ settings }: DataDirectory): void {
  rmSync(settings, { force: true })
}

/** undefined: nothing is fixed yet. Throws SettingsConflict for those of a newer version. */
export function readSettings({ settings: path }: DataDirectory): Settings | undefined {
  if (!existsSync(path)) return undefined
  const { format, ...settings } = JSON.parse(readFileSync(path, 'utf8'))
  if (format === formatVersion) return { podNetwork: 'host', ...settings }
  throw new SettingsConflict(
    `${path} has format ${format}, this version of Astern reads format ${formatVersion}; use the version that wrote it, or a newer one`,
  )
}

function agree({ path }: DataDirectory, kept: Settings, asked: Asked): Settings {
  const differing = (Object.keys(flags) as (keyof typeof flags)[]).find(
    (name) => asked[name] !== undefined && asked[name] !== kept[name],
  )
  if (differing === undefined) return kept
  const flag = flags[differing]
  throw new SettingsConflict(
    `${path} was made with ${flag} ${kept[differing]}, and pods and Services there depend on it; leave ${flag} ${asked[differing]} out, or use another directory with --data`,
  )
}
