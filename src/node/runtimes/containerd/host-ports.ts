import type { SandboxSpec } from '../../runtime.ts'
import type { CriClient } from './cri/client.ts'

/** What containerd tells of its networks, as far as it is looked at. */
interface CniState {
  readonly Networks?: readonly {
    readonly Config?: {
      readonly Name?: string
      readonly Plugins?: readonly {
        readonly Network?: { readonly capabilities?: { readonly portMappings?: boolean } }
      }[]
    }
  }[]
}

/**
 * Rejects when the pod wants ports of this machine and none of containerd's networks gives any:
 * they would be left out without a word.
 */
export async function checkHostPorts(
  cri: CriClient,
  { ports, isHostNetwork }: SandboxSpec,
): Promise<void> {
  const wanted = ports.flatMap(({ hostPort }) => hostPort ?? [])
  if (wanted.length === 0 || isHostNetwork) return
  const { info } = await cri.call('Status', { verbose: true })
  const { Networks = [] } = JSON.parse(info?.cniconfig ?? '{}') as CniState
  const plugins = Networks.flatMap(({ Config }) => Config?.Plugins ?? [])
  if (plugins.some(({ Network }) => Network?.capabilities?.portMappings)) return
  const name = Networks.at(-1)?.Config?.Name ?? ''
  throw new Error(
    `hostPort ${wanted.join(', ')} cannot be had: containerd's network "${name}" maps no ports; ` +
      'add {"type": "portmap", "capabilities": {"portMappings": true}} to its plugins, or use hostNetwork or a NodePort',
  )
}
