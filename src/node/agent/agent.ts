import type { ConfigMap, Pod, Secret } from '../../api/generated/types.ts'
import { hasHostPortClash, hostPortClash } from '../../api/host-ports.ts'
import { isPodTerminal } from '../../api/pod-facts.ts'
import { configMaps, pods, secrets } from '../../api/scheme.ts'
import type { Informer, Informers } from '../../client/lister.ts'
import type { ContainerRecord } from '../runtime.ts'
import type { AgentServices } from './agent-services.ts'
import { ImageCollector } from './image-collector.ts'
import {
  NodeRegistration,
  type NodeRegistrationOptions,
  nodeResources,
} from './node-registration.ts'
import { type Adopted, nothingAdopted, PodWorker } from './pod-worker.ts'

export interface AgentOptions {
  readonly services: Omit<AgentServices, 'allocatable'>
  readonly informers: Informers
  readonly node: NodeRegistrationOptions
}

/**
 * The node's agent: one worker per pod that is bound to this node; what already runs is adopted
 * (design: §5).
 */
export class Agent {
  readonly #options: AgentOptions
  readonly #services: AgentServices
  readonly #registration: NodeRegistration
  readonly #workers = new Map<string, PodWorker>()
  readonly #leaving = new Set<Promise<void>>()
  #adoptable = new Map<string, Adopted>()
  #unsubscribe: () => void = () => {}
  readonly #collector: ImageCollector
  #unsubscribeLoss: (() => void) | undefined

  constructor(options: AgentOptions) {
    this.#options = options
    this.#services = { ...options.services, allocatable: nodeResources(options.node) }
    for (const resource of [configMaps, secrets])
      options.informers.for<ConfigMap | Secret>(resource)
    this.#collector = new ImageCollector(this.#services, options.node.name)
    this.#registration = new NodeRegistration(this.#services, options.node)
  }

  /** Call it when the informers have synced. Resolves when the node is registered and Ready. */
  async start(): Promise<void> {
    const { informers } = this.#options
    this.#adoptable = await this.#findRunning()
    this.#unsubscribe = this.#services.runtime.onExit((record) => this.#exited(record))
    this.#unsubscribeLoss = this.#services.runtime.onSandboxLost?.((podUid) =>
      this.#workers.get(podUid)?.sandboxLost(),
    )
    informers.for(pods).addHandler({
      added: (pod) => this.#see(pod),
      updated: (pod) => this.#see(pod),
      deleted: (pod) => this.#gone(pod),
    })
    this.#watchVolumes('configMap', informers.for(configMaps))
    this.#watchVolumes('secret', informers.for(secrets))
    await this.#removeStrays()
    await this.#registration.start()
    this.#collector.start()
  }

  /**
   * `keepPods`: let go of what runs; otherwise end it gracefully. The pods stay in the API either
   * way.
   */
  async stop({ keepPods }: { readonly keepPods: boolean }): Promise<void> {
    this.#registration.stop()
    this.#collector.stop()
    const workers = [...this.#workers.values()]
    await Promise.all(workers.map((worker) => (keepPods ? worker.letGo() : worker.shutDown())))
    await Promise.all(this.#leaving)
    this.#unsubscribe()
    this.#unsubscribeLoss?.()
  }

  /** The attempt whose log is asked for; undefined when the container has not started. */
  attempt(pod: Pod, container: string, previous: boolean): ContainerRecord | undefined {
    return this.#workers.get(pod.metadata.uid ?? '')?.attempt(container, previous)
  }

  /** What comes, changes or goes is looked for in the volumes that show it. */
  #watchVolumes(kind: 'configMap' | 'secret', informer: Informer<ConfigMap | Secret>): void {
    const look = ({ metadata }: ConfigMap | Secret) => {
      for (const worker of this.#workers.values()) {
        if (worker.showsObject(kind, metadata)) worker.refreshVolumes()
      }
    }
    informer.addHandler({ added: look, updated: look })
  }

  async #findRunning(): Promise<Map<string, Adopted>> {
    const { runtime } = this.#services
    const [sandboxes, records] = await Promise.all([runtime.sandboxes(), runtime.containers()])
    const found = new Map<string, Adopted>(
      sandboxes.map((sandbox) => [sandbox.podUid, { sandbox, records: [] }]),
    )
    for (const record of records) {
      const { sandbox, records: before } = found.get(record.podUid) ?? nothingAdopted
      found.set(record.podUid, { sandbox, records: [...before, record] })
    }
    return found
  }

  /** What runs here for pods that were deleted while nobody looked. */
  async #removeStrays(): Promise<void> {
    const strays = [...this.#adoptable.keys()]
    this.#adoptable.clear()
    await Promise.all(strays.map((uid) => this.#services.runtime.removeSandbox(uid)))
  }

  #see(pod: Pod): void {
    const { uid = '' } = pod.metadata
    if (pod.spec?.nodeName !== this.#options.node.name) return
    const known = this.#workers.get(uid)
    if (known) {
      known.update(pod)
      return
    }
    const adopted = this.#adoptable.get(uid)
    this.#adoptable.delete(uid)
    const worker = new PodWorker(this.#services, pod, adopted)
    if (!adopted && this.#lacksPorts(pod)) {
      worker.refuse('NodePorts', `Predicate NodePorts failed: ${hostPortClash}`)
    }
    this.#workers.set(uid, worker)
    worker.wake()
  }

  /** A pod that names its node has passed no scheduler: its ports may be another's here. */
  #lacksPorts(pod: Pod): boolean {
    return !isPodTerminal(pod) && hasHostPortClash(pod, this.#holdingPods())
  }

  /** Looked at only for pods that want ports of the machine: there may be thousands here. */
  *#holdingPods(): Iterable<Pod> {
    for (const { pod } of this.#workers.values()) if (!isPodTerminal(pod)) yield pod
  }

  #gone(pod: Pod): void {
    const { uid = '' } = pod.metadata
    const worker = this.#workers.get(uid)
    if (!worker) return
    this.#workers.delete(uid)
    const { log } = this.#services.context
    const leaving = worker
      .remove()
      .catch((error) => log.error('a pod could not be removed', { uid, error: String(error) }))
      .finally(() => this.#leaving.delete(leaving))
    this.#leaving.add(leaving)
  }

  #exited(record: ContainerRecord): void {
    const { log } = this.#services.context
    this.#workers
      .get(record.podUid)
      ?.exited(record)
      .catch((error) => log.error('an end was not taken in', { error: String(error) }))
  }
}
