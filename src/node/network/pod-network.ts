import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findTool } from '../find-tool.ts'
import { bridgeName, type NetworkConfig, networkIn, ownNetwork, pluginTypes } from './cni-config.ts'
import { CniPlugins, type NetworkedPod, type PluginResult, usualPluginDirs } from './cni-plugins.ts'
import {
  addLocalRange,
  ipTool,
  markOf,
  NetworkNamespaces,
  removeLink,
  removeLocalRange,
} from './ip-tool.ts'
import { runTool } from './run-tool.ts'

/** Pods cannot have networks of their own here; the message says why and what would help. */
export class PodNetworkUnavailable extends Error {
  override readonly name = 'PodNetworkUnavailable'
}

export interface PodNetworkOptions {
  /** Of the engine; must exist. */
  readonly dataDir: string
  readonly serviceCidr: string
  /** Where Astern's own network has its addresses. */
  readonly podCidr: string
  /** A network that somebody else has described, instead of Astern's own. */
  readonly confDir: string | undefined
}

export interface Attachment {
  readonly ip: string
  /** A file that holds the network namespace. */
  readonly namespacePath: string
}

interface StoredAttachment {
  readonly pod: NetworkedPod
  readonly network: NetworkConfig
  readonly result?: PluginResult
}

const interfaceName = 'eth0'
const help = 'or leave --pod-network out: pods share the network of this machine then'

/**
 * A network namespace and an address for each pod, by CNI plugins. What it has made is on disk
 * before it is made, so that it can be taken away whoever died in between. Needs root.
 */
export class PodNetwork {
  readonly #options: PodNetworkOptions
  readonly #namespaces: NetworkNamespaces
  readonly #plugins = new CniPlugins(usualPluginDirs)
  readonly #podsDir: string
  #network: NetworkConfig | undefined

  constructor(options: PodNetworkOptions) {
    this.#options = options
    this.#namespaces = new NetworkNamespaces(options.dataDir)
    this.#podsDir = join(options.dataDir, 'cni', 'pods')
  }

  /** To be called before the first `attach`. Rejects with PodNetworkUnavailable. */
  async open(): Promise<void> {
    checkMachine()
    mkdirSync(this.#podsDir, { recursive: true, mode: 0o700 })
    const network = await this.#described()
    checkPlugins(network)
    this.#network = network
    await addLocalRange(this.#options.serviceCidr).catch((error: Error) => {
      throw new PodNetworkUnavailable(
        `Services cannot be given ${this.#options.serviceCidr} on this machine (${error.message}): ` +
          `allow this process to change the network (CAP_NET_ADMIN), ${help}`,
      )
    })
  }

  /** The network of a pod; made if it is not there, or no more since the machine started anew. */
  async attach(pod: NetworkedPod): Promise<Attachment> {
    const { podUid } = pod
    const before = this.#read(podUid)
    const ip = addressOf(before?.result)
    const namespacePath = this.#namespaces.pathOf(podUid)
    if (ip !== undefined && this.#namespaces.exists(podUid)) return { ip, namespacePath }
    if (before) await this.detach(podUid)
    const network = this.#network ?? (await this.#described())
    checkPorts(pod, network)
    this.#write({ pod, network })
    await this.#namespaces.add(podUid)
    try {
      const result = await this.#plugins.add(network, { pod, namespacePath, interfaceName })
      this.#write({ pod, network, result })
      const address = addressOf(result)
      if (address === undefined) throw new Error('the CNI plugins gave the pod no IPv4 address')
      return { ip: address, namespacePath }
    } catch (error) {
      await this.detach(podUid).catch(() => {})
      throw error
    }
  }

  /** Nothing of the pod runs any more. Its address is free again; once is as good as twice. */
  async detach(podUid: string): Promise<void> {
    const stored = this.#read(podUid)
    if (stored) {
      const namespacePath = this.#namespaces.exists(podUid) ? this.#namespaces.pathOf(podUid) : ''
      const call = { pod: stored.pod, namespacePath, interfaceName }
      await this.#plugins.remove(stored.network, call, stored.result)
    }
    await this.#namespaces.remove(podUid)
    rmSync(this.#fileOf(podUid), { force: true })
  }

  /** All of it, of every pod: the machine is as before. Rejects with the first complaint. */
  async withdraw(): Promise<void> {
    const uids = new Set([...this.#stored(), ...this.#namespaces.all()])
    const outcomes = await Promise.allSettled([...uids].map((uid) => this.detach(uid)))
    await removeLink(bridgeName(markOf(this.#options.dataDir)))
    await removeLocalRange(this.#options.serviceCidr)
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
  }

  async #described(): Promise<NetworkConfig> {
    const { dataDir, podCidr, confDir } = this.#options
    if (confDir !== undefined) return readNetwork(confDir)
    return ownNetwork({
      mark: markOf(dataDir),
      podCidr,
      addressesDir: join(dataDir, 'cni', 'addresses'),
      canTranslate: await canTranslate(),
    })
  }

  #stored(): readonly string[] {
    try {
      const names = readdirSync(this.#podsDir).filter((name) => name.endsWith('.json'))
      return names.map((name) => name.slice(0, -'.json'.length))
    } catch {
      return []
    }
  }

  #fileOf(podUid: string): string {
    return join(this.#podsDir, `${podUid}.json`)
  }

  #write(attachment: StoredAttachment): void {
    const file = this.#fileOf(attachment.pod.podUid)
    writeFileSync(`${file}.draft`, JSON.stringify(attachment), { mode: 0o600 })
    renameSync(`${file}.draft`, file)
  }

  #read(podUid: string): StoredAttachment | undefined {
    try {
      return JSON.parse(readFileSync(this.#fileOf(podUid), 'utf8')) as StoredAttachment
    } catch {
      return undefined
    }
  }
}

function addressOf(result: PluginResult | undefined): string | undefined {
  const addresses = (result?.ips ?? []).map(({ address }) => address.split('/')[0] ?? '')
  return addresses.find((address) => /^\d+\.\d+\.\d+\.\d+$/.test(address))
}

function checkPorts({ portMappings }: NetworkedPod, { plugins }: NetworkConfig): void {
  const [first] = portMappings
  if (!first || plugins.some(({ capabilities }) => capabilities?.portMappings)) return
  throw new Error(
    `hostPort ${first.hostPort} cannot be had: the network has no plugin that maps ports ` +
      "(Astern's own has one where iptables is installed)",
  )
}

function readNetwork(dir: string): NetworkConfig {
  try {
    return networkIn(dir)
  } catch (error) {
    throw new PodNetworkUnavailable((error as Error).message, { cause: error })
  }
}

function checkPlugins(network: NetworkConfig): void {
  const missing = new CniPlugins(usualPluginDirs).missing(pluginTypes(network))
  if (missing.length === 0) return
  throw new PodNetworkUnavailable(
    `the CNI plugins ${missing.join(', ')} are in none of ${usualPluginDirs.join(', ')}: ` +
      `install them (Debian, Ubuntu: apt install containernetworking-plugins), ${help}`,
  )
}

/** Whether pods can have networks of their own here at all. Throws PodNetworkUnavailable. */
export function checkPodNetwork(confDir: string | undefined): void {
  checkMachine()
  const own = { mark: '', podCidr: '', addressesDir: '', canTranslate: false }
  checkPlugins(confDir === undefined ? ownNetwork(own) : readNetwork(confDir))
}

function checkMachine(): void {
  if (process.platform !== 'linux') {
    throw new PodNetworkUnavailable(`only Linux has networks for pods: leave --pod-network out`)
  }
  if (process.getuid?.() !== 0) {
    throw new PodNetworkUnavailable(
      `--pod-network cni gives each pod a network of its own, which needs root: run "astern up" as root, ${help}`,
    )
  }
  if (ipTool() === '') {
    throw new PodNetworkUnavailable(
      `ip(8) is not installed on this machine: install it (Debian, Ubuntu: apt install iproute2), ${help}`,
    )
  }
}

/** Whether iptables is there and allowed to; without it pods reach this machine and each other. */
async function canTranslate(): Promise<boolean> {
  const iptables = findTool('iptables', '/usr/local/sbin:/usr/sbin:/sbin:/usr/bin')
  if (iptables === '') return false
  const outcome = runTool(iptables, ['--wait', '--table', 'nat', '--list-rules'])
  return outcome.then(
    () => true,
    () => false,
  )
}
