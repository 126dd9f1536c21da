import type { Node, NodeCondition, NodeSystemInfo } from '../../api/generated/types.ts'
import type { JsonValue } from '../../api/json.ts'
import { hostnameLabel } from '../../api/names.ts'
import { nodes } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import { type Timer, timestamp } from '../../base/clock.ts'
import { LeaseHold } from '../../client/lease.ts'
import type { AgentServices } from './agent-services.ts'

const leaseNamespace = 'kube-node-lease'
const leaseSeconds = 40
const renewMs = 10_000

/** What the machine is; measured by whoever starts the agent. */
export interface NodeRegistrationOptions {
  readonly name: string
  readonly hostname: string
  readonly address: string
  readonly cpus: number
  readonly memoryBytes: number
  readonly podsMax: number
  readonly info: NodeSystemInfo
  readonly labels: Readonly<Record<string, string>>
}

/**
 * The Node object and its heartbeat: status at start, then a Lease every ten seconds, as kubelet
 * does.
 */
export class NodeRegistration {
  readonly #services: AgentServices
  readonly #options: NodeRegistrationOptions
  readonly #lease: LeaseHold
  #timer: Timer | undefined
  #stopped = false

  constructor(services: AgentServices, options: NodeRegistrationOptions) {
    this.#services = services
    this.#options = options
    const { name } = options
    const { transport, context } = services
    this.#lease = new LeaseHold(context, {
      transport,
      namespace: leaseNamespace,
      name,
      holder: name,
      durationSeconds: leaseSeconds,
    })
  }

  /** Resolves when the Node exists and says Ready. */
  async start(): Promise<void> {
    const { transport } = this.#services
    const { name, labels, hostname } = this.#options
    const metadata = { name, labels: { ...labels, [hostnameLabel]: hostname } }
    const node: Node = { apiVersion: 'v1', kind: 'Node', metadata, spec: {} }
    await ifNew(transport.create(nodes, {}, node))
    const body = { status: this.#status() } as unknown as JsonValue
    const patch = { type: 'application/merge-patch+json', body } as const
    await transport.patch(nodes, { name }, patch, { subresource: 'status' })
    await this.#renew()
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  #status(): Node['status'] {
    const { name, hostname, address, info } = this.#options
    const resources = nodeResources(this.#options)
    return {
      capacity: resources,
      allocatable: resources,
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: hostname },
      ],
      conditions: this.#conditions(name),
      nodeInfo: info,
    }
  }

  #conditions(name: string): readonly NodeCondition[] {
    const nowText = timestamp(this.#services.context.clock.now())
    const times = { lastHeartbeatTime: nowText, lastTransitionTime: nowText }
    const ready = { reason: 'KubeletReady', message: `${name} is ready` }
    return [{ type: 'Ready', status: 'True', ...ready, ...times }]
  }

  /** Acquires when it is lost, too: this node's name is this node's alone. */
  async #renew(): Promise<void> {
    const { context } = this.#services
    try {
      if (!(await this.#lease.renew())) await this.#lease.acquire()
    } catch (error) {
      context.log.warn('the node lease was not renewed', { error: String(error) })
    }
    if (this.#stopped) return
    this.#timer = context.clock.setTimeout(() => void this.#renew(), renewMs)
  }
}

/** Capacity, and all of it allocatable: resource name -> quantity. */
export function nodeResources(
  node: Pick<NodeRegistrationOptions, 'cpus' | 'memoryBytes' | 'podsMax'>,
): Readonly<Record<string, string>> {
  return {
    cpu: String(node.cpus),
    memory: `${Math.floor(node.memoryBytes / 1024)}Ki`,
    pods: String(node.podsMax),
  }
}

/** Creation where an existing object is as good. */
async function ifNew(created: Promise<unknown>): Promise<void> {
  try {
    await created
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error
  }
}
