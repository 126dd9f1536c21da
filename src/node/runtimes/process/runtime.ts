import { mkdirSync } from 'node:fs'
import type { LogOptions, RemoteCommand } from '../../../api/seams.ts'
import { required } from '../../../base/assert.ts'
import type { Context } from '../../../base/context.ts'
import { identityOf } from '../../../base/process-identity.ts'
import { machineWideDir } from '../../../base/run-directory.ts'
import { ImageStore } from '../../images/store.ts'
import type { PodNetwork } from '../../network/pod-network.ts'
import {
  type AttachStreamOptions,
  type ContainerRecord,
  type ContainerRef,
  type ContainerSpec,
  type ExecResult,
  type ExecStreamOptions,
  type ImageStatus,
  type Isolation,
  type Runtime,
  type Sandbox,
  type SandboxSpec,
  StartFailed,
} from '../../runtime.ts'
import { isolationHindrance } from './bubblewrap.ts'
import { Cgroups } from './cgroups.ts'
import { execThroughShim } from './exec-client.ts'
import { launchOf } from './launches.ts'
import { type Layout, layoutOf } from './layout.ts'
import { readContainerLog } from './log-reader.ts'
import { PortLeases } from './port-leases.ts'
import type { Launch } from './protocol.ts'
import { Sandboxes } from './sandboxes.ts'
import { ShimClient } from './shim-client.ts'

export interface ProcessRuntimeOptions {
  /** The engine's data directory; made when missing. */
  readonly dataDir: string
  readonly context: Context
  /**
   * Runs `shim/main.ts`; the data directory is appended: `[process.execPath, '…/shim-main.js']`.
   */
  readonly shimCommand: readonly string[]
  /** Open; undefined: pods share the machine's network. */
  readonly network?: PodNetwork
}

/**
 * Containers as processes of this machine, under a shim that outlives this process (design: the
 * house).
 */
export async function processRuntime(options: ProcessRuntimeOptions): Promise<Runtime> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
  const layout = layoutOf(options.dataDir)
  const runtime = new ProcessRuntime(layout, options.context, options.network)
  await runtime.open(options.shimCommand)
  return runtime
}

class ProcessRuntime implements Runtime {
  readonly name = 'process'
  readonly isolation: Isolation
  readonly #layout: Layout
  readonly #context: Context
  readonly #images: ImageStore
  readonly #leases: PortLeases
  readonly #sandboxes: Sandboxes
  readonly #listeners = new Set<(record: ContainerRecord) => void>()
  #connected: ShimClient | undefined

  constructor(layout: Layout, context: Context, network: PodNetwork | undefined) {
    this.#layout = layout
    this.#context = context
    this.isolation = {
      volumesDir: layout.volumesDir,
      hiddenDir: layout.dataDir,
      hindrance: isolationHindrance,
      limitHindrance: new Cgroups().hindrance,
    }
    this.#images = new ImageStore(layout.dataDir)
    this.#leases = new PortLeases({ dir: machineWideDir('ports'), prng: context.prng })
    this.#sandboxes = new Sandboxes(layout, this.#leases, { network, context })
  }

  async open(shimCommand: readonly string[]): Promise<void> {
    this.#leases.keep(await this.#sandboxes.load())
    this.#connected = await ShimClient.open({
      layout: this.#layout,
      shimCommand,
      log: this.#context.log,
      onExit: (record) => {
        for (const listener of this.#listeners) listener(record)
      },
      onNewShim: (pid) => this.#holdPorts(pid),
    })
  }

  async imageStatus(image: string): Promise<ImageStatus | undefined> {
    const found = await this.#images.find(image)
    return found && { imageId: found.digest, sizeBytes: found.sizeBytes }
  }

  async pullImage(image: string): Promise<ImageStatus> {
    const { digest, sizeBytes } = await this.#images.get(image)
    return { imageId: digest, sizeBytes }
  }

  runSandbox(spec: SandboxSpec): Promise<Sandbox> {
    return this.#sandboxes.run(spec)
  }

  sandboxes(): Promise<readonly Sandbox[]> {
    return this.#sandboxes.all()
  }

  async removeSandbox(podUid: string): Promise<void> {
    await this.#shim.request('remove', { podUid })
    await this.#sandboxes.remove(podUid)
  }

  async startContainer(spec: ContainerSpec): Promise<ContainerRecord> {
    try {
      return await this.#shim.request('start', { launch: await this.#launch(spec) })
    } catch (error) {
      // What has been started stays started, whatever has become of its image.
      const before = await this.#find(spec)
      if (before) return before
      throw error
    }
  }

  async stopContainer(ref: ContainerRef, graceMs: number): Promise<void> {
    await this.#shim.request('stop', { ref: plainRef(ref), graceMs })
  }

  async containers(): Promise<readonly ContainerRecord[]> {
    return (await this.#shim.request('hello', {})).containers
  }

  exec(ref: ContainerRef, command: readonly string[], timeoutMs: number): Promise<ExecResult> {
    return this.#shim.request('exec', { ref: plainRef(ref), command, timeoutMs })
  }

  execStream(
    ref: ContainerRef,
    options: ExecStreamOptions,
    signal: AbortSignal,
  ): Promise<RemoteCommand> {
    return execThroughShim(this.#layout.execSocket, { ...options, ref: plainRef(ref) }, signal)
  }

  attach(
    ref: ContainerRef,
    options: AttachStreamOptions,
    signal: AbortSignal,
  ): Promise<RemoteCommand> {
    const { stdin, stdout, stderr, tty } = options
    const start = { ref: plainRef(ref), stdin, stdout, stderr, tty }
    return execThroughShim(this.#layout.execSocket, start, signal)
  }

  async *readLog(
    ref: ContainerRef,
    options: LogOptions,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    const source = {
      path: this.#layout.logFile(ref),
      isComplete: async () => (await this.#find(ref))?.state.phase !== 'running',
    }
    yield* readContainerLog(source, options, { clock: this.#context.clock, signal })
  }

  onExit(listener: (record: ContainerRecord) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    await this.#sandboxes.close()
    this.#shim.close()
  }

  get #shim(): ShimClient {
    return required(this.#connected, 'connection to the shim')
  }

  async #find(ref: ContainerRef): Promise<ContainerRecord | undefined> {
    return (await this.#shim.request('find', { ref: plainRef(ref) })) ?? undefined
  }

  /** The shim holds the ports, since it lives as long as what listens on them. */
  #holdPorts(shimPid: number): void {
    const shim = identityOf(shimPid)
    if (!shim) return
    const lost = this.#leases.holdAs({ ...shim, note: this.#layout.dataDir })
    if (lost.length > 0)
      this.#context.log.error('ports of pods are held by another engine', { lost })
  }

  async #launch(spec: ContainerSpec): Promise<Launch> {
    const { podUid } = spec
    const found = await this.#sandboxes.find(podUid)
    if (!found) throw new StartFailed('CreateContainerError', `pod ${podUid} has no sandbox`)
    const image = await this.#images.get(spec.image)
    return launchOf(spec, { layout: this.#layout, image, ...found, id: this.#context.ids.uid() })
  }
}

function plainRef({ podUid, container, restart }: ContainerRef): ContainerRef {
  return { podUid, container, restart }
}
