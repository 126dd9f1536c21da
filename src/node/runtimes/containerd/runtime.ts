import { mkdirSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { LogOptions, PortConnection, RemoteCommand } from '../../../api/seams.ts'
import { sleep } from '../../../base/clock.ts'
import type { Context } from '../../../base/context.ts'
import {
  type AttachStreamOptions,
  type ContainerRecord,
  type ContainerRef,
  type ContainerSpec,
  type ExecResult,
  type ExecStreamOptions,
  type ImageStatus,
  ImageUnavailable,
  type Isolation,
  type PullOptions,
  type Runtime,
  refKey,
  type Sandbox,
  type SandboxSpec,
  StartFailed,
} from '../../runtime.ts'
import { deleteLog, logFileBytesMax, rotate } from '../process/log-files.ts'
import { readContainerLog } from '../process/log-reader.ts'
import { containerConfig } from './container-config.ts'
import { Containers } from './containers.ts'
import { CriClient, CriError, grpcCode } from './cri/client.ts'
import { containerState } from './cri/messages.ts'
import { criHelp } from './cri-help.ts'
import { watchExits } from './exit-watch.ts'
import { Health, type HealthTimes, kubeletTimes } from './health.ts'
import { ifThere } from './if-there.ts'
import { Images } from './images.ts'
import { type Layout, layoutOf } from './layout.ts'
import { Pulled } from './pulled.ts'
import { type CriSandbox, Sandboxes } from './sandboxes.ts'
import { streamPort } from './streaming/port-stream.ts'
import { streamCommand } from './streaming/remote-command.ts'

/** Ends are told by events; this is for those that nobody told of. */
const lookMs = 2_000
const logCheckMs = 10_000
const execOutputBytesMax = 10 * 1024

export interface ContainerdRuntimeOptions {
  /** The engine's data directory; made when missing. */
  readonly dataDir: string
  readonly context: Context
  readonly socketPath: string
  /** Default: as a kubelet's. */
  readonly healthTimes?: HealthTimes
}

/**
 * Containers through CRI v1, as containerd runs them. Rejects with CriUnusable where nobody speaks
 * CRI at the socket.
 */
export async function containerdRuntime(options: ContainerdRuntimeOptions): Promise<Runtime> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
  const cri = new CriClient({ ...options, clock: options.context.clock })
  try {
    const version = await criHelp(cri, options.socketPath)
    const runtime = new ContainerdRuntime(cri, { ...options, version })
    await runtime.open()
    return runtime
  } catch (error) {
    cri.close()
    throw error
  }
}

class ContainerdRuntime implements Runtime {
  readonly name = 'containerd'
  readonly version: string
  readonly isolation: Isolation
  readonly pulled: Pulled
  readonly #cri: CriClient
  readonly #context: Context
  readonly #socketPath: string
  readonly #layout: Layout
  readonly #sandboxes: Sandboxes
  readonly #containers: Containers
  readonly #images: Images
  readonly #health: Health
  readonly #listeners = new Set<(record: ContainerRecord) => void>()
  readonly #lossListeners = new Set<(podUid: string) => void>()
  readonly #starts = new Map<string, Promise<ContainerRecord>>()
  readonly #closed = new AbortController()

  constructor(cri: CriClient, options: ContainerdRuntimeOptions & { readonly version: string }) {
    const { dataDir, context, socketPath, version, healthTimes = kubeletTimes } = options
    this.#cri = cri
    this.version = version
    this.#context = context
    this.#socketPath = socketPath
    this.#layout = layoutOf(dataDir)
    this.#sandboxes = new Sandboxes(cri, this.#layout)
    this.pulled = new Pulled({ cri, clock: context.clock, path: this.#layout.imagesFile })
    this.#images = new Images(cri, this.pulled)
    this.#health = new Health({ cri, clock: context.clock, times: healthTimes })
    this.#containers = new Containers({
      cri,
      context,
      engine: this.#layout.engine,
      onExit: (record) => {
        for (const listener of this.#listeners) listener(record)
      },
    })
    this.isolation = {
      volumesDir: this.#layout.volumesDir,
      hiddenDir: this.#layout.dataDir,
      hindrance: async () => undefined,
      limitHindrance: undefined,
      hasOwnRoots: true,
    }
  }

  async open(): Promise<void> {
    await this.#sandboxes.load()
    await this.#containers.look()
    const { clock } = this.#context
    const { signal } = this.#closed
    const onHint = () => void this.#look()
    void watchExits({ socketPath: this.#socketPath, clock, signal, onHint })
    void this.#repeat(lookMs, () => this.#look())
    void this.#repeat(logCheckMs, () => this.#rotateLogs())
    void this.#repeat(this.#health.askMs, () => this.#health.ask())
  }

  imageStatus(image: string): Promise<ImageStatus | undefined> {
    return this.#images.status(image)
  }

  pullImage(image: string, options?: PullOptions): Promise<ImageStatus> {
    return this.#images.pull(image, options)
  }

  runSandbox(spec: SandboxSpec): Promise<Sandbox> {
    return this.#sandboxes.run(spec)
  }

  sandboxes(): Promise<readonly Sandbox[]> {
    return this.#sandboxes.all()
  }

  async removeSandbox(podUid: string): Promise<void> {
    await this.#containers.look()
    const known = this.#containers.of(podUid)
    await Promise.all(known.map(({ record }) => this.stopContainer(record, 0)))
    await this.#sandboxes.remove(podUid)
    for (const { record } of known) this.#containers.forget(record)
  }

  startContainer(spec: ContainerSpec): Promise<ContainerRecord> {
    const key = refKey(spec)
    const started = this.#starts.get(key) ?? this.#startOnce(spec)
    this.#starts.set(key, started)
    const forget = () => this.#starts.delete(key)
    started.then(forget, forget)
    return started
  }

  async stopContainer(ref: ContainerRef, graceMs: number): Promise<void> {
    const known = this.#containers.find(ref)
    if (known?.record.state.phase !== 'running') return
    const timeout = Math.ceil(graceMs / 1000)
    await ifThere(this.#cri.call('StopContainer', { containerId: known.id, timeout }))
    await this.#containers.untilEnded(ref)
  }

  containers(): Promise<readonly ContainerRecord[]> {
    return this.#containers.all()
  }

  async exec(
    ref: ContainerRef,
    command: readonly string[],
    timeoutMs: number,
  ): Promise<ExecResult> {
    const containerId = this.#running(ref)
    const timeout = Math.max(Math.ceil(timeoutMs / 1000), 1)
    try {
      const ran = await this.#cri.once('ExecSync', { containerId, cmd: command, timeout })
      const output = Buffer.concat([ran.stdout ?? Buffer.alloc(0), ran.stderr ?? Buffer.alloc(0)])
      const text = output.subarray(0, execOutputBytesMax).toString('utf8')
      return { exitCode: ran.exitCode ?? 0, output: text }
    } catch (error) {
      if (isTimeout(error)) return { exitCode: undefined, output: '' }
      throw error
    }
  }

  async execStream(
    ref: ContainerRef,
    { command, tty, stdin, stdout, stderr }: ExecStreamOptions,
    signal: AbortSignal,
  ): Promise<RemoteCommand> {
    const containerId = this.#running(ref)
    const streams = { tty, stdin, stdout, stderr: stderr && !tty }
    const { url } = await this.#cri.once('Exec', { containerId, cmd: command, ...streams })
    return streamCommand(url ?? '', streams, signal)
  }

  async attach(
    ref: ContainerRef,
    { tty, stdin, stdout, stderr }: AttachStreamOptions,
    signal: AbortSignal,
  ): Promise<RemoteCommand> {
    const streams = { tty, stdin, stdout, stderr: stderr && !tty }
    const { url } = await this.#cri.once('Attach', { containerId: this.#running(ref), ...streams })
    return streamCommand(url ?? '', streams, signal)
  }

  async connectPort(podUid: string, port: number, signal: AbortSignal): Promise<PortConnection> {
    const found = await this.#sandboxes.find(podUid)
    if (!found) throw new Error('the pod has no sandbox')
    const asked = { podSandboxId: found.id, port: [port] }
    const { url } = await this.#cri.once('PortForward', asked)
    return streamPort(url ?? '', port, signal)
  }

  async *readLog(
    ref: ContainerRef,
    options: LogOptions,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    const source = {
      path: this.#layout.logFile(ref),
      isComplete: async () => this.#containers.find(ref)?.record.state.phase !== 'running',
    }
    yield* readContainerLog(source, options, { clock: this.#context.clock, signal })
  }

  onExit(listener: (record: ContainerRecord) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  onSandboxLost(listener: (podUid: string) => void): () => void {
    this.#lossListeners.add(listener)
    return () => this.#lossListeners.delete(listener)
  }

  trouble(): string | undefined {
    return this.#health.trouble()
  }

  withdraw(): Promise<void> {
    return this.#sandboxes.withdraw()
  }

  async close(): Promise<void> {
    this.#closed.abort()
    this.#cri.close()
  }

  /** The id of a container that a command can be run in. */
  #running(ref: ContainerRef): string {
    const known = this.#containers.find(ref)
    if (known?.record.state.phase === 'running') return known.id
    throw new Error(`container ${ref.container} is not running`)
  }

  /** What has been started stays started, whatever has become of its image. */
  async #startOnce(spec: ContainerSpec): Promise<ContainerRecord> {
    const known = this.#containers.find(spec)
    if (known) return known.record
    const sandbox = await this.#sandboxes.find(spec.podUid)
    if (!sandbox) throw new StartFailed('CreateContainerError', `pod ${spec.podUid} has no sandbox`)
    const image = await this.#images.status(spec.image)
    if (!image) throw new ImageUnavailable(`image "${spec.image}" is not present`)
    const { imageId } = image
    const record = await this.#containers.start(spec, () => this.#run(spec, { sandbox, imageId }))
    await this.#removeOlder(spec)
    return record
  }

  async #run(
    spec: ContainerSpec,
    { sandbox, imageId }: { readonly sandbox: CriSandbox; readonly imageId: string },
  ) {
    const containerId = await this.#create(spec, { sandbox, imageId })
    await failing('RunContainerError', this.#cri.call('StartContainer', { containerId })).catch(
      async (error) => {
        await ifThere(this.#cri.call('RemoveContainer', { containerId })).catch(() => {})
        throw error
      },
    )
    const state = await this.#containers.state(containerId)
    const startedAtMs = state?.startedAtMs ?? this.#context.clock.now()
    const { podUid, container, restart, image } = spec
    const record: ContainerRecord = {
      podUid,
      container,
      restart,
      containerId: `containerd://${containerId}`,
      image,
      imageId,
      state: { phase: 'running', startedAtMs },
    }
    return { id: containerId, record }
  }

  async #create(
    spec: ContainerSpec,
    { sandbox, imageId }: { readonly sandbox: CriSandbox; readonly imageId: string },
  ): Promise<string> {
    const before = await this.#containers.listed(spec)
    if (before?.id && before.state !== containerState.created) return before.id
    // Made by a process that ended before it could start it: perhaps with mounts that are gone.
    if (before?.id) await ifThere(this.#cri.call('RemoveContainer', { containerId: before.id }))
    await mkdir(dirname(this.#layout.logFile(spec)), { recursive: true, mode: 0o700 })
    const config = containerConfig(spec, {
      engine: this.#layout.engine,
      sandbox: sandbox.spec,
      imageId,
      logPath: this.#layout.logPath(spec),
      mounts: [...(await this.#sandboxes.mounts(sandbox)), ...(await spec.systemMounts())],
    })
    const created = this.#cri.call('CreateContainer', {
      podSandboxId: sandbox.id,
      config,
      sandboxConfig: this.#sandboxes.config(sandbox.spec),
    })
    return (await failing('CreateContainerError', created)).containerId ?? ''
  }

  /** Of the attempts before the present one only the last is kept. */
  async #removeOlder({ podUid, container, restart }: ContainerRef): Promise<void> {
    const older = this.#containers
      .of(podUid)
      .filter(({ record }) => record.container === container && record.restart < restart - 1)
    for (const { id, record } of older) {
      await ifThere(this.#cri.call('RemoveContainer', { containerId: id }))
      this.#containers.forget(record)
      deleteLog(this.#layout.logFile(record))
    }
  }

  async #look(): Promise<void> {
    if (this.#closed.signal.aborted) return
    try {
      await this.#containers.look()
      await this.#endLost()
    } catch (error) {
      this.#warn('containerd was not asked', error)
    }
  }

  /** Without its sandbox a pod has no network, whatever of it may still run. */
  async #endLost(): Promise<void> {
    for (const { podUid } of await this.#sandboxes.takeLost()) {
      const known = this.#containers.of(podUid)
      await Promise.all(known.map(({ record }) => this.stopContainer(record, 0)))
      for (const listener of this.#lossListeners) listener(podUid)
    }
  }

  /** What is over its size is put behind; containerd goes on in a new file. */
  async #rotateLogs(): Promise<void> {
    for (const record of await this.#containers.all()) {
      const path = this.#layout.logFile(record)
      const known = this.#containers.find(record)
      const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
      if (record.state.phase !== 'running' || !known || size < logFileBytesMax) continue
      rotate(path)
      await this.#cri.call('ReopenContainerLog', { containerId: known.id })
    }
  }

  async #repeat(everyMs: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#closed
    while (!signal.aborted) {
      await sleep(this.#context.clock, everyMs, signal)
      if (signal.aborted) return
      await work().catch((error) => this.#warn('a look after the containers failed', error))
    }
  }

  #warn(what: string, error: unknown): void {
    if (!this.#closed.signal.aborted) this.#context.log.warn(what, { error: String(error) })
  }
}

async function failing<T>(
  reason: 'CreateContainerError' | 'RunContainerError',
  done: Promise<T>,
): Promise<T> {
  try {
    return await done
  } catch (error) {
    if (error instanceof CriError) throw new StartFailed(reason, error.message)
    throw error
  }
}

function isTimeout(error: unknown): boolean {
  if (!(error instanceof CriError)) return false
  return error.code === grpcCode.deadlineExceeded || /timeout .* exceeded/.test(error.message)
}
