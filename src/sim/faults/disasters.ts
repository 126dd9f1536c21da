import type { Pod } from '../../api/generated/types.ts'
import { nodes } from '../../api/scheme.ts'
import { StatusError } from '../../api/status-error.ts'
import { sleep } from '../../base/clock.ts'
import { pick, randomInt } from '../../base/prng.ts'
import type { VirtualCluster } from '../../cluster/virtual/virtual-cluster.ts'
import type { VirtualNode } from '../../cluster/virtual/virtual-node.ts'
import type { Profile } from '../profile.ts'
import { uidOf, type World } from '../world.ts'
import type { FaultLog } from './fault-log.ts'
import type { FaultyApi } from './faulty-api.ts'
import type { Partitions } from './partitions.ts'
import type { PodWeather } from './pod-weather.ts'

export interface DisastersOptions {
  readonly cluster: VirtualCluster
  readonly world: World
  readonly api: FaultyApi
  readonly weather: PodWeather
  readonly partitions: Partitions
  readonly log: FaultLog
  readonly profile: Profile
}

const probesMsMax = 60_000
/** Sometimes a node is gone for longer than its pods tolerate, and sometimes for good. */
const outagesMs = [180_000, 180_000, 600_000]
/** From the boot of a node until its pods have been seen to have gone. */
const bootMs = 60_000

/** Faults of whole parts of the cluster. */
export class Disasters {
  readonly #options: DisastersOptions
  #isOver = false
  #restarting: Promise<void> | undefined

  constructor(options: DisastersOptions) {
    this.#options = options
  }

  /** One of them, now; what must be mended is mended in time, by itself. */
  strike(): void {
    const all = [
      () => this.#dropWatch(),
      () => this.#expireWatch(),
      () => this.#stall(),
      () => this.#stall(),
      () => this.#compact(),
      () => this.#loseNode(),
      () => this.#cutOffNode(),
      () => this.#failProbes(),
      () => this.#slowProbes(),
      () => this.#failPulls(),
      () => this.#jump(),
      () => {
        this.#options.log.add('crash')
        this.crash()
      },
    ]
    pick(this.#prng, all)()
  }

  /** The control plane dies, and comes back. */
  crash(): void {
    const { cluster } = this.#options
    cluster.crashControlPlane()
    this.#restarting ??= this.#restart()
  }

  /** Everything is mended now. Resolves when the parts that were down are up again. */
  async end(): Promise<void> {
    this.#isOver = true
    this.#options.weather.clear()
    const { nodes } = this.#options.cluster
    for (const node of nodes) this.#reconnect(node)
    await Promise.all(nodes.filter(({ isUp }) => !isUp).map((node) => this.#boot(node)))
    await this.#restarting
  }

  get #prng() {
    return this.#options.cluster.context.prng
  }

  get #clock() {
    return this.#options.cluster.clock
  }

  async #restart(): Promise<void> {
    await sleep(this.#clock, randomInt(this.#prng, 10_000))
    this.#restarting = undefined
    await this.#options.cluster.startControlPlane()
  }

  #dropWatch(): void {
    const watch = this.#options.api.anyWatch()
    if (!watch) return
    this.#options.log.add('watch dropped', watch.name)
    watch.cut(this.#prng.next() < 0.5 ? undefined : new Error('connection reset'))
  }

  #expireWatch(): void {
    const watch = this.#options.api.anyWatch()
    if (!watch) return
    this.#options.log.add('watch expired', watch.name)
    watch.cut(new StatusError('Expired', 'too old resource version'))
  }

  #stall(): void {
    const watch = this.#options.api.anyWatch()
    if (!watch) return
    const forMs = randomInt(this.#prng, this.#options.profile.stallMsMax)
    this.#options.log.add('stale cache', `${watch.name} for ${forMs} ms`)
    watch.stall(forMs)
  }

  #compact(): void {
    this.#options.log.add('compaction')
    void this.#options.cluster.apiServer.compact()
    // Nobody notices until he comes back.
    this.#options.api.anyWatch()?.cut()
  }

  #loseNode(): void {
    const node = this.#anyNode()
    if (!node) return
    this.#options.log.add('node lost', node.name)
    this.#options.world.excuses.nodeDown(node.name)
    node.crash()
    const forMs = randomInt(this.#prng, pick(this.#prng, outagesMs))
    if (this.#prng.next() < 0.25) void this.#removeNode(node)
    void sleep(this.#clock, forMs).then(() => (this.#isOver ? undefined : this.#boot(node)))
  }

  /** It runs on, and nobody hears of it; nor does it hear what has been decided meanwhile. */
  #cutOffNode(): void {
    const node = this.#anyNode()
    if (!node) return
    const forMs = randomInt(this.#prng, pick(this.#prng, outagesMs))
    const { log, partitions, world } = this.#options
    log.add('node cut off', `${node.name} for ${forMs} ms`)
    world.excuses.nodeDown(node.name)
    world.cutOff(node.name)
    partitions.cut(node.name)
    void sleep(this.#clock, forMs).then(() => this.#reconnect(node))
  }

  #reconnect({ name }: VirtualNode): void {
    const { partitions, world } = this.#options
    if (!partitions.isCut(name)) return
    partitions.heal(name)
    world.reconnected(name)
    world.excuses.nodeUp(name, this.#clock.monotonic(), bootMs)
  }

  /** One that works; another one at least stays, so that there is somewhere to go. */
  #anyNode(): VirtualNode | undefined {
    const { cluster, partitions } = this.#options
    const all = cluster.nodes.filter(({ isUp, name }) => isUp && !partitions.isCut(name))
    return all.length < 2 ? undefined : pick(this.#prng, all)
  }

  /** By an administrator, or a cloud that has taken the machine back: it registers anew. */
  async #removeNode({ name }: VirtualNode): Promise<void> {
    this.#options.log.add('node removed', name)
    await this.#options.cluster.transport.delete(nodes, { name }).catch(() => {})
  }

  async #boot(node: VirtualNode): Promise<void> {
    if (node.isUp) return
    this.#options.world.excuses.nodeUp(node.name, this.#clock.monotonic(), bootMs)
    try {
      await node.start()
    } catch {
      // The API was not to be had at that moment: as a service manager does, start it again.
      node.crash()
      await sleep(this.#clock, 1000)
      await this.#boot(node)
    }
  }

  #anyPod(): Pod | undefined {
    const pods = this.#options.world.all<Pod>('Pod')
    return pods.length > 0 ? pick(this.#prng, pods) : undefined
  }

  #failProbes(): void {
    const pod = this.#anyPod()
    if (!pod) return
    const forMs = randomInt(this.#prng, probesMsMax)
    this.#options.log.add('probes fail', `${pod.metadata.name} for ${forMs} ms`)
    this.#options.weather.failProbes(uidOf(pod), forMs)
    this.#options.world.excuse(pod, forMs + bootMs)
  }

  #slowProbes(): void {
    const pod = this.#anyPod()
    if (!pod) return
    this.#options.log.add('probes slow', pod.metadata.name)
    this.#options.weather.slowProbes(uidOf(pod), probesMsMax)
    this.#options.world.excuse(pod, probesMsMax + bootMs)
  }

  #failPulls(): void {
    const forMs = randomInt(this.#prng, probesMsMax)
    this.#options.log.add('image pull fails', `for ${forMs} ms`)
    this.#options.weather.failPulls(forMs)
  }

  #jump(): void {
    const byMs = (randomInt(this.#prng, 600) - 300) * 1000
    this.#options.log.add('clock jumps', `by ${byMs} ms`)
    this.#options.world.jumped(byMs)
    this.#clock.jump(byMs)
  }
}
