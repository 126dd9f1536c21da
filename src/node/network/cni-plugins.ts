import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { NetworkConfig, PluginConfig } from './cni-config.ts'
import { runTool, ToolFailed } from './run-tool.ts'

/** Where distributions and Kubernetes' own packages put them. */
export const usualPluginDirs = ['/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni'] as const

export interface PortMapping {
  readonly hostPort: number
  readonly containerPort: number
  readonly protocol: 'tcp'
}

/** A pod as plugins are told of it. */
export interface NetworkedPod {
  readonly podUid: string
  readonly namespace: string
  readonly name: string
  readonly portMappings: readonly PortMapping[]
}

export interface PluginCall {
  readonly command: 'ADD' | 'DEL'
  readonly pod: NetworkedPod
  readonly namespacePath: string
  readonly interfaceName: string
}

/** What a plugin answers to ADD; more than this is handed on unread. */
export interface PluginResult {
  readonly ips?: readonly { readonly address: string }[]
}

const loopback: PluginConfig = { type: 'loopback' }

/** Calls CNI plugins as the specification says (version 0.4.0 and 1.0.0). */
export class CniPlugins {
  readonly #dirs: readonly string[]

  constructor(dirs: readonly string[]) {
    this.#dirs = dirs
  }

  /** Those of the types that are not installed. */
  missing(types: readonly string[]): readonly string[] {
    return types.filter((type) => this.#find(type) === undefined)
  }

  /** Rejects with what the plugin said; what the ones before it did is to be undone by `remove`. */
  async add(network: NetworkConfig, call: Omit<PluginCall, 'command'>): Promise<PluginResult> {
    await this.#loopback({ ...call, command: 'ADD' })
    let result: PluginResult | undefined
    for (const plugin of network.plugins) {
      result = await this.#call(network, plugin, { ...call, command: 'ADD', result })
    }
    return result ?? {}
  }

  /** In reverse; all are called, whatever one says. Rejects with the first complaint. */
  async remove(
    network: NetworkConfig,
    call: Omit<PluginCall, 'command'>,
    result: PluginResult | undefined,
  ): Promise<void> {
    const complaints: unknown[] = []
    for (const plugin of network.plugins.toReversed()) {
      await this.#call(network, plugin, { ...call, command: 'DEL', result }).catch((error) =>
        complaints.push(error),
      )
    }
    if (complaints.length > 0) throw complaints[0]
  }

  async #loopback(call: PluginCall): Promise<void> {
    const network = { cniVersion: '0.4.0', name: 'lo', plugins: [loopback] }
    await this.#call(network, loopback, { ...call, interfaceName: 'lo', result: undefined })
  }

  async #call(
    network: NetworkConfig,
    plugin: PluginConfig,
    call: PluginCall & { readonly result: PluginResult | undefined },
  ): Promise<PluginResult> {
    const path = this.#find(plugin.type)
    if (path === undefined) {
      throw new Error(`the CNI plugin ${plugin.type} is not in ${this.#dirs.join(', ')}`)
    }
    const input = JSON.stringify(pluginInput(network, plugin, call))
    try {
      const text = await runTool(path, [], { stdin: input, env: this.#environment(call) })
      return text.trim() === '' ? {} : (JSON.parse(text) as PluginResult)
    } catch (error) {
      throw new Error(`the CNI plugin ${plugin.type} failed: ${complaintOf(error)}`)
    }
  }

  #environment({ command, pod, namespacePath, interfaceName }: PluginCall) {
    const args = [
      'IgnoreUnknown=1',
      `K8S_POD_NAMESPACE=${pod.namespace}`,
      `K8S_POD_NAME=${pod.name}`,
      `K8S_POD_INFRA_CONTAINER_ID=${pod.podUid}`,
      `K8S_POD_UID=${pod.podUid}`,
    ]
    return {
      PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin',
      CNI_COMMAND: command,
      CNI_CONTAINERID: pod.podUid,
      CNI_NETNS: namespacePath,
      CNI_IFNAME: interfaceName,
      CNI_ARGS: args.join(';'),
      CNI_PATH: this.#dirs.join(':'),
    }
  }

  #find(type: string): string | undefined {
    return this.#dirs.map((dir) => join(dir, type)).find((path) => existsSync(path))
  }
}

function pluginInput(
  { cniVersion, name }: NetworkConfig,
  { capabilities, ...plugin }: PluginConfig,
  { pod, result }: { readonly pod: NetworkedPod; readonly result: PluginResult | undefined },
): object {
  const { portMappings } = pod
  const isMapping = capabilities?.portMappings === true && portMappings.length > 0
  return {
    ...plugin,
    cniVersion,
    name,
    ...(isMapping && { runtimeConfig: { portMappings } }),
    ...(result && { prevResult: result }),
  }
}

/** Plugins say on stdout what went wrong, as JSON. */
function complaintOf(error: unknown): string {
  if (!(error instanceof ToolFailed)) return String(error)
  try {
    const { msg, details } = JSON.parse(error.stdout) as { msg?: string; details?: string }
    return [msg, details].filter(Boolean).join(': ') || error.message
  } catch {
    return error.message
  }
}
