import { createHash } from 'node:crypto'
import type { LogOptions } from '../../../api/seams.ts'
import { sleep } from '../../../base/clock.ts'
import type { Context } from '../../../base/context.ts'
import { fullReference } from '../../images/reference.ts'
import {
  type ContainerRecord,
  type ContainerRef,
  type ContainerSpec,
  type ExecResult,
  type ImageStatus,
  ImageUnavailable,
  type Runtime,
  refKey,
  type Sandbox,
  type SandboxSpec,
  StartFailed,
} from '../../runtime.ts'
import { Addresses } from './addresses.ts'
import type { ImageBehaviours } from './behaviour.ts'
import { SimulatedContainer } from './container.ts'

export interface SimulatedRuntimeOptions {
  readonly context: Context
  /** One to three octets, of this node alone: `10.244.3`. */
  readonly addressPrefix: string
  /** By default every image is there and its containers run until they are stopped. */
  readonly behaviours?: ImageBehaviours
}

/**
 * Containers that are nothing but states on the context's clock: no process, no file, no output.
 */
export function simulatedRuntime(options: SimulatedRuntimeOptions): Runtime {
  return new SimulatedRuntime(options)
}

class SimulatedRuntime implements Runtime {
  readonly name = 'simulated'
  readonly isolation = undefined
  readonly #context: Context
  readonly #behaviours: ImageBehaviours
  readonly #addresses: Addresses
  readonly #pulled = new Set<string>()
  readonly #sandboxes = new Map<string, Sandbox>()
  readonly #containers = new Map<string, Promise<SimulatedContainer>>()
  readonly #listeners = new Set<(record: ContainerRecord) => void>()

  constructor({ context, addressPrefix, behaviours = () => ({}) }: SimulatedRuntimeOptions) {
    this.#context = context
    this.#behaviours = behaviours
    this.#addresses = new Addresses(addressPrefix)
  }

  async imageStatus(image: string): Promise<ImageStatus | undefined> {
    const full = fullReference(image)
    return full !== undefined && this.#pulled.has(full) ? imageStatusOf(full) : undefined
  }

  async pullImage(image: string): Promise<ImageStatus> {
    const full = fullReference(image)
    if (full === undefined) {
      throw new ImageUnavailable(
        `couldn't parse image name "${image}": invalid reference format`,
        'InvalidImageName',
      )
    }
    if (this.#behaviours(image).isUnavailable) {
      throw new ImageUnavailable(`image "${image}" is not available in this simulation`)
    }
    this.#pulled.add(full)
    return imageStatusOf(full)
  }

  async runSandbox({ podUid }: SandboxSpec): Promise<Sandbox> {
    const before = this.#sandboxes.get(podUid)
    if (before) return before
    const sandbox = { podUid, ip: this.#addresses.take(), ports: {}, env: [] }
    this.#sandboxes.set(podUid, sandbox)
    return sandbox
  }

  async sandboxes(): Promise<readonly Sandbox[]> {
    return [...this.#sandboxes.values()]
  }

  async removeSandbox(podUid: string): Promise<void> {
    const keys = [...this.#containers.keys()].filter((key) => key.startsWith(`${podUid}/`))
    for (const key of keys) {
      const container = await this.#containers.get(key)
      await container?.stop(0)
      this.#containers.delete(key)
    }
    const sandbox = this.#sandboxes.get(podUid)
    if (sandbox) this.#addresses.free(sandbox.ip)
    this.#sandboxes.delete(podUid)
  }

  async startContainer(spec: ContainerSpec): Promise<ContainerRecord> {
    const key = refKey(spec)
    let container = this.#containers.get(key)
    if (!container) {
      container = this.#start(spec)
      this.#containers.set(key, container)
      container.catch(() => this.#containers.delete(key))
    }
    return (await container).record()
  }

  async stopContainer(ref: ContainerRef, graceMs: number): Promise<void> {
    const container = await this.#containers.get(refKey(ref))
    await container?.stop(graceMs)
  }

  async containers(): Promise<readonly ContainerRecord[]> {
    const containers = await Promise.allSettled(this.#containers.values())
    return containers.flatMap((entry) =>
      entry.status === 'fulfilled' ? [entry.value.record()] : [],
    )
  }

  async exec(ref: ContainerRef, command: readonly string[]): Promise<ExecResult> {
    const container = await this.#containers.get(refKey(ref))
    if (!container?.isRunning) throw new Error('the container is not running')
    const { exec } = this.#behaviours(container.record().image)
    return exec?.(command) ?? { exitCode: 0, output: '' }
  }

  async execStream(): Promise<never> {
    throw new Error('a simulated container is no process: there is nothing to run a command in')
  }

  /** Simulated containers print nothing: this only waits, if asked to follow. */
  async *readLog(
    ref: ContainerRef,
    { follow }: LogOptions,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    const container = await this.#containers.get(refKey(ref))
    if (!follow || !container || signal.aborted) return
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.race([container.ended, aborted])
  }

  onExit(listener: (record: ContainerRecord) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#listeners.clear()
  }

  async #start(spec: ContainerSpec): Promise<SimulatedContainer> {
    const { clock, ids } = this.#context
    if (!this.#sandboxes.has(spec.podUid)) {
      throw new StartFailed('CreateContainerError', `pod ${spec.podUid} has no sandbox`)
    }
    const { imageId } = await this.pullImage(spec.image)
    const behaviour = this.#behaviours(spec.image)
    if (behaviour.startDelayMs) await sleep(clock, behaviour.startDelayMs)
    this.#prune(spec)
    return new SimulatedContainer({
      clock,
      spec,
      identity: { containerId: `simulated://${ids.uid()}`, imageId },
      behaviour,
      onExit: (record) => {
        for (const listener of this.#listeners) listener(record)
      },
    })
  }

  /** Only the last start before this one is kept. */
  #prune({ podUid, container, restart }: ContainerRef): void {
    for (let old = restart - 2; old >= 0; old--) {
      if (!this.#containers.delete(refKey({ podUid, container, restart: old }))) return
    }
  }
}

function imageStatusOf(full: string): ImageStatus {
  return { imageId: `sha256:${createHash('sha256').update(full).digest('hex')}`, sizeBytes: 0 }
}
