import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One plugin's part of a network, as the CNI specification has it. */
export interface PluginConfig {
  readonly type: string
  readonly capabilities?: Readonly<Record<string, boolean>>
  readonly [key: string]: unknown
}

/** A network: its plugins are called one after the other. */
export interface NetworkConfig {
  readonly cniVersion: string
  readonly name: string
  readonly plugins: readonly PluginConfig[]
}

const cniVersion = '0.4.0'
/** The longest name of a network device is 15 bytes. */
export const bridgeName = (mark: string) => `astern${mark}`

export interface OwnNetwork {
  /** Of the data directory. */
  readonly mark: string
  readonly podCidr: string
  /** Where host-local notes which addresses are given away. */
  readonly addressesDir: string
  /** Whether iptables can be told to translate addresses. */
  readonly canTranslate: boolean
}

/** Astern's own network: a bridge per data directory, addresses of `podCidr`. */
export function ownNetwork(own: OwnNetwork): NetworkConfig {
  const bridge: PluginConfig = {
    type: 'bridge',
    bridge: bridgeName(own.mark),
    isGateway: true,
    hairpinMode: true,
    ipMasq: own.canTranslate,
    ipam: {
      type: 'host-local',
      dataDir: own.addressesDir,
      ranges: [[{ subnet: own.podCidr }]],
      routes: [{ dst: '0.0.0.0/0' }],
    },
  }
  const portmap: PluginConfig = { type: 'portmap', capabilities: { portMappings: true } }
  return {
    cniVersion,
    name: `astern-${own.mark}`,
    plugins: own.canTranslate ? [bridge, portmap] : [bridge],
  }
}

/** The first network in a directory, by the names of the files. Throws with what is wrong. */
export function networkIn(dir: string): NetworkConfig {
  const names = existsSync(dir) ? readdirSync(dir) : []
  const [first] = names.filter((name) => /\.(conflist|conf|json)$/.test(name)).sort()
  if (first === undefined) throw new Error(`no network (*.conflist, *.conf) is described in ${dir}`)
  const path = join(dir, first)
  try {
    const config = JSON.parse(readFileSync(path, 'utf8')) as NetworkConfig | PluginConfig
    return checked(isList(config) ? config : listOf(config))
  } catch (error) {
    throw new Error(`${path} describes no CNI network: ${(error as Error).message}`)
  }
}

function isList(config: NetworkConfig | PluginConfig): config is NetworkConfig {
  return Array.isArray(config.plugins)
}

function listOf(plugin: PluginConfig): NetworkConfig {
  const { name, cniVersion: version, ...rest } = plugin
  return { cniVersion: String(version), name: String(name ?? ''), plugins: [rest as PluginConfig] }
}

function checked(config: NetworkConfig): NetworkConfig {
  if (!config.name) throw new Error('it has no name')
  if (config.plugins.length === 0) throw new Error('it names no plugin')
  for (const { type } of config.plugins) {
    if (typeof type !== 'string' || !/^[\w.-]+$/.test(type)) throw new Error('a plugin has no type')
  }
  return config
}

/** Every program that the network needs, those of address management too. */
export function pluginTypes({ plugins }: NetworkConfig): readonly string[] {
  const all = plugins.flatMap(({ type, ipam }) => [type, (ipam as { type?: string })?.type ?? ''])
  return [...new Set(['loopback', ...all.filter(Boolean)])]
}
