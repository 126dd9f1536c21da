import type { Pod } from '../../src/api/generated/types.ts'
import { isTerminating, keyOf, parseKey } from '../../src/api/object.ts'
import { pods } from '../../src/api/scheme.ts'
import { isStatusError } from '../../src/api/status-error.ts'
import type { Transport } from '../../src/api/transport.ts'
import { timestamp } from '../../src/base/clock.ts'
import type { Context } from '../../src/base/context.ts'
import { type Prng, randomInt } from '../../src/base/prng.ts'
import { createInformers } from '../../src/client/informers.ts'
import type { Informers } from '../../src/client/lister.ts'
import type { Controller } from '../../src/controller/reconciler.ts'
import { createController } from '../../src/controller/run-controller.ts'
import { nodeOf } from '../../src/rollout/daemon-set-pod.ts'

export interface PodDriverOptions {
  readonly context: Context
  readonly transport: Transport
  readonly prng: Prng
  /** Images whose pods never become ready. */
  readonly badImages?: readonly string[]
  /**
   * How long a pod takes to become ready, and to end, in virtual milliseconds: a random time up to
   * these. Default 0.
   */
  readonly readyMsMax?: number
  readonly endMsMax?: number
}

/**
 * The least a node does: binds pods, lets them become ready after a while, and removes those that
 * are deleted.
 */
export class PodDriver {
  readonly #options: PodDriverOptions
  readonly #informers: Informers
  readonly #controller: Controller
  /** When each pod, by key and what it waits for, is due. */
  readonly #due = new Map<string, number>()

  constructor(options: PodDriverOptions) {
    this.#options = options
    this.#informers = createInformers(options.context, options.transport)
    const reconcile = (key: string) => this.#reconcile(key)
    this.#controller = createController(options.context, {
      name: 'pod-driver',
      reconciler: { reconcile },
      workers: 50,
    })
    const enqueue = (pod: Pod) =>
      this.#controller.enqueue(`${pod.metadata.namespace}/${pod.metadata.name}`)
    this.#informers.for(pods).addHandler({ added: enqueue, updated: enqueue })
  }

  async start(): Promise<void> {
    await this.#informers.start()
    this.#controller.start()
  }

  async stop(): Promise<void> {
    await this.#controller.stop()
    await this.#informers.stop()
  }

  async #reconcile(key: string): Promise<{ readonly requeueAfterMs?: number } | undefined> {
    const pod = this.#informers.for(pods).lister.get(parseKey(key))
    if (!pod) return undefined
    const { badImages = [], readyMsMax = 0, endMsMax = 0 } = this.#options
    if (isTerminating(pod)) {
      const requeueAfterMs = this.#remainingMs(`${pod.metadata.uid} end`, endMsMax)
      if (requeueAfterMs > 0) return { requeueAfterMs }
      await this.#end(pod)
      return undefined
    }
    if (!pod.spec?.nodeName) {
      await this.#bind(pod)
      return undefined
    }
    const isReady = pod.status?.phase !== 'Pending'
    if (isReady || badImages.includes(pod.spec.containers[0]?.image ?? '')) return undefined
    const requeueAfterMs = this.#remainingMs(`${pod.metadata.uid} ready`, readyMsMax)
    if (requeueAfterMs > 0) return { requeueAfterMs }
    await this.setReady(pod, true)
    return undefined
  }

  #remainingMs(what: string, delayMsMax: number): number {
    const nowMs = this.#options.context.clock.now()
    const dueMs = this.#due.get(what) ?? nowMs + randomInt(this.#options.prng, delayMsMax + 1)
    this.#due.set(what, dueMs)
    return dueMs - nowMs
  }

  async #bind(pod: Pod): Promise<void> {
    const key = keyOf(pod)
    const target = { apiVersion: 'v1', kind: 'Node', name: nodeOf(pod) || 'node-1' }
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: key.name }, target }
    await this.#options.transport.create(pods, key, binding, { subresource: 'binding' })
  }

  async #end(pod: Pod): Promise<void> {
    try {
      await this.#options.transport.delete(pods, keyOf(pod), { gracePeriodSeconds: 0 })
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error
    }
  }

  /** Running, and ready or not. */
  async setReady(pod: Pod, isReady: boolean): Promise<Pod> {
    const lastTransitionTime = timestamp(this.#options.context.clock.now())
    const condition = { type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime }
    const status = { ...pod.status, phase: 'Running', conditions: [condition] }
    return this.#writeStatus({ ...pod, status })
  }

  async setPhase(pod: Pod, phase: 'Failed' | 'Succeeded'): Promise<Pod> {
    return this.#writeStatus({ ...pod, status: { ...pod.status, phase, conditions: [] } })
  }

  #writeStatus(pod: Pod): Promise<Pod> {
    return this.#options.transport.update(pods, keyOf(pod), pod, { subresource: 'status' })
  }
}
