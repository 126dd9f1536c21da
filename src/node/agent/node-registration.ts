import { findCondition } from '../../api/condition.ts'
import type { Node, NodeCondition, NodeSystemInfo } from '../../api/generated/types.ts'
import type { JsonValue } from '../../api/json.ts'
import { hostnameLabel } from '../../api/names.ts'
import { nodes } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import { type Timer, timestamp } from '../../base/clock.ts'
import { LeaseHold } from '../../client/lease.ts'
import type { AgentServices } from './agent-services.ts'
import { type MachineRoom, pressures } from './pressure.ts'

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
  /** What is left now; undefined for a machine that runs out of nothing. */
  readonly room?: () => Promise<MachineRoom>
}

/**
 * The Node object and its heartbeat: status at start, then a Lease every ten seconds, as kubelet
 * does.
 */
export class NodeRegistration {
  readonly #services: AgentServices
  readonly #options: NodeRegistrationOptions
  readonly #lease: LeaseHold
  #conditions: readonly NodeCondition[] = []
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
    this.#conditions = await this.#conditionsNow()
    await this.#write(this.#status())
    await this.#renew()
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  #status(): Node['status'] {
    const { hostname, address, info } = this.#options
    const resources = nodeResources(this.#options)
    return {
      capacity: resources,
      allocatable: resources,
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: hostname },
      ],
      conditions: this.#conditions,
      nodeInfo: info,
    }
  }

  /** Pressures first, as everywhere; a time of transition moves only when the status does. */
  async #conditionsNow(): Promise<readonly NodeCondition[]> {
    const { name, room } = this.#options
    const nowText = timestamp(this.#services.context.clock.now())
    const trouble = this.#services.runtime.trouble?.()
    const ready =
      trouble === undefined
        ? { status: 'True', reason: 'KubeletReady', message: `${name} is ready` }
        : { status: 'False', reason: 'KubeletNotReady', message: trouble }
    const facts = [...(room ? pressures(await room()) : []), { type: 'Ready', ...ready }]
    return facts.map((fact) => {
      const before = this.#conditions.find(({ type }) => type === fact.type)
      const isSame = before?.status === fact.status
      const lastTransitionTime = isSame ? before?.lastTransitionTime : nowText
      return { ...fact, lastHeartbeatTime: nowText, lastTransitionTime }
    })
  }

  async #write(status: Node['status']): Promise<void> {
    const body = { status } as unknown as JsonValue
    const patch = { type: 'application/merge-patch+json', body } as const
    const { name } = this.#options
    await this.#services.transport.patch(nodes, { name }, patch, { subresource: 'status' })
  }

  /** Written when one of them has changed; the Lease alone is the heartbeat. */
  async #tellChanges(): Promise<void> {
    const before = this.#conditions
    this.#conditions = await this.#conditionsNow()
    const hasChanged = this.#conditions.some(({ status }, at) => status !== before[at]?.status)
    if (hasChanged) await this.#write({ conditions: this.#conditions })
  }

  /** While it was not heard of, others may have said that nothing is known of it. */
  async #contradict(): Promise<void> {
    const { name } = this.#options
    const node = await this.#services.transport.get(nodes, { name })
    const isSame = this.#conditions.every(
      ({ type, status }) => findCondition(node.status?.conditions, type)?.status === status,
    )
    if (isSame) return
    // Since when, as the API has it: it was not so in between.
    this.#conditions = []
    this.#conditions = await this.#conditionsNow()
    await this.#write({ conditions: this.#conditions })
  }

  /** Acquires when it is lost, too: this node's name is this node's alone. */
  async #renew(): Promise<void> {
    const { context } = this.#services
    try {
      if (!(await this.#lease.renew())) await this.#lease.acquire()
      await this.#tellChanges()
      await this.#contradict()
    } catch (error) {
      context.log.warn('the node did not report', { error: String(error) })
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
