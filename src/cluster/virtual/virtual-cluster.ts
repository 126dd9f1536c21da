import type { Transport } from '../../api/transport.ts'
import { ApiServer } from '../../apiserver/api-server.ts'
import type { Context } from '../../base/context.ts'
import { seededIds } from '../../base/ids.ts'
import { silentLogger } from '../../base/log.ts'
import { type Prng, seededPrng } from '../../base/prng.ts'
import { settled, VirtualClock } from '../../base/virtual-clock.ts'
import { createInformers } from '../../client/informers.ts'
import type { ProbeRunner } from '../../node/probes/probe.ts'
import type { ImageBehaviours } from '../../node/runtimes/simulated/behaviour.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import type { Store } from '../../store/store.ts'
import { ControlPlane, componentTransport, managerTransport } from '../control-plane.ts'
import { Incarnation } from './incarnation.ts'
import { VirtualNode } from './virtual-node.ts'

export interface VirtualClusterOptions {
  /** The same sequence and the same calls give the same history, byte for byte. */
  readonly prng?: Prng
  /** Default 1. */
  readonly nodes?: number
  /** By default a new one in memory; closed by `stop`. */
  readonly store?: Store
  /** Wall time at the start, in milliseconds since the epoch. */
  readonly startMs?: number
  /** Made when there is a clock, before anything else. */
  readonly surroundings?: (context: Context, clock: VirtualClock) => Surroundings
}

/** What the engine runs in; whatever is left out is the good case. */
export interface Surroundings {
  readonly behaviours?: ImageBehaviours
  readonly probe?: ProbeRunner
  /**
   * Put between a component and the API: `deployment-controller`, `informers`, `kubelet`, …; that
   * is on this node, if on any.
   */
  intercept?(transport: Transport, component: string, node?: string): Transport
}

/**
 * The whole engine in one thread: the real API server on the in-memory store, the real control
 * plane, and nodes with simulated containers, on a clock that moves only when told.
 */
export class VirtualCluster {
  readonly clock: VirtualClock
  readonly context: Context
  readonly store: Store
  readonly apiServer: ApiServer
  /** The API as its administrator. */
  readonly transport: Transport
  readonly nodes: readonly VirtualNode[]
  readonly #surroundings: Surroundings
  #controlPlane: { readonly life: Incarnation; readonly parts: ControlPlane } | undefined

  private constructor(
    parts: Pick<VirtualCluster, 'clock' | 'context' | 'store' | 'apiServer'>,
    options: VirtualClusterOptions,
  ) {
    this.clock = parts.clock
    this.context = parts.context
    this.store = parts.store
    this.apiServer = parts.apiServer
    this.transport = componentTransport(this.apiServer, 'kubernetes-admin', 'astern')
    this.#surroundings = options.surroundings?.(this.context, this.clock) ?? {}
    this.nodes = Array.from({ length: options.nodes ?? 1 }, (_, index) => this.#createNode(index))
  }

  /** Resolves when the API answers, the controllers work and every node is Ready. */
  static async start(options: VirtualClusterOptions = {}): Promise<VirtualCluster> {
    const clock = new VirtualClock(options.startMs)
    const prng = options.prng ?? seededPrng(1)
    const context = { clock, prng, ids: seededIds(prng), log: silentLogger }
    const store = options.store ?? new MemoryStore()
    const apiServer = await ApiServer.start({ context, store, serviceCidr: '10.96.0.0/16' })
    const cluster = new VirtualCluster({ clock, context, store, apiServer }, options)
    await cluster.until(cluster.startControlPlane())
    await cluster.until(Promise.all(cluster.nodes.map((node) => node.start())))
    return cluster
  }

  /** A new control plane, with empty caches. */
  async startControlPlane(): Promise<void> {
    const life = new Incarnation(this.context)
    const { context } = life
    const transportFor = (component: string) => {
      // Mortal on both sides: what is held up in between is not sent after the end.
      const inner = life.transport(managerTransport(this.apiServer, component))
      return life.transport(this.#intercept(inner, component))
    }
    const informers = createInformers(context, transportFor('informers'))
    const parts = new ControlPlane({
      context,
      transportFor,
      informers,
      caCertificate: '',
      tokenForSecret: (...wanted) => this.apiServer.tokenForSecret(...wanted),
    })
    this.#controlPlane = { life, parts }
    await parts.start()
  }

  /** Whatever it was about to do is not done; what it has sent may still take effect. */
  crashControlPlane(): void {
    if (!this.#controlPlane) return
    const { life, parts } = this.#controlPlane
    this.#controlPlane = undefined
    life.end()
    void parts.stop()
  }

  /** Fires the next timer and lets everything happen that needs no time; false without a timer. */
  step(): Promise<boolean> {
    const hasFired = this.clock.step()
    return settled().then(() => hasFired)
  }

  /** Lets time pass. */
  async pass(durationMs: number): Promise<void> {
    await this.until(new Promise<void>((resolve) => this.clock.setTimeout(resolve, durationMs)))
  }

  /** Lets time pass until `promise` is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const settle = () => {
      isSettled = true
    }
    promise.then(settle, settle)
    await settled()
    while (!isSettled && (await this.step())) {}
    return promise
  }

  async stop(): Promise<void> {
    this.crashControlPlane()
    for (const node of this.nodes) node.crash()
    this.apiServer.stop()
    await this.store.close()
  }

  #intercept(transport: Transport, component: string, node?: string): Transport {
    return this.#surroundings.intercept?.(transport, component, node) ?? transport
  }

  #createNode(index: number): VirtualNode {
    const { behaviours, probe } = this.#surroundings
    const name = `node-${index}`
    return new VirtualNode({
      context: this.context,
      transport: componentTransport(this.apiServer, 'system:node:astern', 'kubelet'),
      intercept: (transport) => this.#intercept(transport, 'kubelet', name),
      name,
      addressPrefix: `10.1.${index}`,
      behaviours,
      probe,
    })
  }
}
