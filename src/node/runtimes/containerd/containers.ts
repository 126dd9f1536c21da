import type { Context } from '../../../base/context.ts'
import {
  type ContainerRecord,
  type ContainerRef,
  type ContainerState,
  refKey,
} from '../../runtime.ts'
import { type CriClient, isNotFound } from './cri/client.ts'
import { type CriMessage, containerState } from './cri/messages.ts'
import {
  containerNameLabel,
  engineLabel,
  imageAnnotation,
  imageIdAnnotation,
  podUidLabel,
} from './labels.ts'

const nanosPerMilli = 1_000_000
const stopPollMs = 20

export interface ContainersOptions {
  readonly cri: CriClient
  readonly context: Context
  readonly engine: string
  readonly onExit: (record: ContainerRecord) => void
}

interface Known {
  readonly id: string
  readonly record: ContainerRecord
}

/** This engine's containers as containerd has them, looked at again and again. */
export class Containers {
  readonly #options: ContainersOptions
  readonly #known = new Map<string, Known>()
  /** Being started by this process: not to be talked about before that is answered. */
  readonly #starting = new Set<string>()
  #looking: Promise<void> | undefined
  #isStale = false

  constructor(options: ContainersOptions) {
    this.#options = options
  }

  /** The newest of what is known, after a look. */
  async all(): Promise<readonly ContainerRecord[]> {
    await this.look()
    return [...this.#known.values()].map(({ record }) => record)
  }

  /** Without a look. */
  find(ref: ContainerRef): Known | undefined {
    return this.#known.get(refKey(ref))
  }

  of(podUid: string): readonly Known[] {
    return [...this.#known.values()].filter(({ record }) => record.podUid === podUid)
  }

  /** While `start` runs nobody else hears of the container; then it counts as running. */
  async start(ref: ContainerRef, start: () => Promise<Known>): Promise<ContainerRecord> {
    const key = refKey(ref)
    this.#starting.add(key)
    try {
      const known = await start()
      this.#known.set(key, known)
      return known.record
    } finally {
      this.#starting.delete(key)
    }
  }

  forget(ref: ContainerRef): void {
    this.#known.delete(refKey(ref))
  }

  /** Resolves when somebody has looked who began after the call. */
  async look(): Promise<void> {
    this.#isStale = true
    while (this.#isStale || this.#looking) {
      if (!this.#looking) {
        this.#isStale = false
        this.#looking = this.#look().finally(() => {
          this.#looking = undefined
        })
      }
      await this.#looking
    }
  }

  /** Resolves when the container is known to have ended. */
  async untilEnded(ref: ContainerRef): Promise<void> {
    const { clock } = this.#options.context
    for (;;) {
      await this.look()
      if (this.find(ref)?.record.state.phase !== 'running') return
      await new Promise<void>((resolve) => clock.setTimeout(resolve, stopPollMs))
    }
  }

  /** The container of this ref in containerd, whatever its state. */
  async listed(ref: ContainerRef): Promise<CriMessage<'Container'> | undefined> {
    const listed = await this.#list({
      [podUidLabel]: ref.podUid,
      [containerNameLabel]: ref.container,
    })
    return listed.find(({ metadata }) => metadata?.attempt === ref.restart)
  }

  async #list(labels: Readonly<Record<string, string>> = {}) {
    const { cri, engine } = this.#options
    const labelSelector = { ...labels, [engineLabel]: engine }
    const { containers } = await cri.call('ListContainers', { filter: { labelSelector } })
    return containers ?? []
  }

  async #look(): Promise<void> {
    const before = new Set(this.#known.keys())
    const seen = new Map<string, Known>()
    for (const listed of await this.#list()) {
      const known = await this.#describe(listed)
      if (known) seen.set(refKey(known.record), known)
    }
    for (const record of this.#takeIn(seen, before)) this.#options.onExit(record)
  }

  /** What was started or forgotten during the look is newer than it. Returns what has ended. */
  #takeIn(
    seen: ReadonlyMap<string, Known>,
    before: ReadonlySet<string>,
  ): readonly ContainerRecord[] {
    const ended: ContainerRecord[] = []
    for (const key of before) {
      const known = this.#known.get(key)
      if (!known || seen.has(key)) continue
      this.#known.delete(key)
      if (known.record.state.phase === 'running') ended.push(this.#vanished(known.record))
    }
    for (const [key, now] of seen) {
      const known = this.#known.get(key)
      if (this.#starting.has(key) || (!known && before.has(key))) continue
      this.#known.set(key, now)
      const wasRunning = known?.record.state.phase === 'running'
      if (wasRunning && now.record.state.phase === 'exited') ended.push(now.record)
    }
    return ended
  }

  /** Somebody else has removed it. */
  #vanished(record: ContainerRecord): ContainerRecord {
    const finishedAtMs = this.#options.context.clock.now()
    const { startedAtMs } = record.state
    const unknown = { exitCode: undefined, signal: undefined }
    return { ...record, state: { phase: 'exited', startedAtMs, finishedAtMs, ...unknown } }
  }

  /** undefined: not started, being started, or gone again. */
  async #describe(listed: CriMessage<'Container'>): Promise<Known | undefined> {
    const { id, state, labels, metadata, annotations } = listed
    const ref = {
      podUid: labels?.[podUidLabel] ?? '',
      container: labels?.[containerNameLabel] ?? '',
      restart: metadata?.attempt ?? 0,
    }
    const known = this.#known.get(refKey(ref))
    if (!id || state === containerState.created || this.#starting.has(refKey(ref))) return known
    const isRunning = state === containerState.running
    const isSame = known?.record.state.phase === (isRunning ? 'running' : 'exited')
    if (known?.id === id && isSame) return known
    const now = await this.state(id)
    if (!now) return undefined
    const image = annotations?.[imageAnnotation] ?? ''
    const imageId = annotations?.[imageIdAnnotation] ?? ''
    const containerId = `containerd://${id}`
    return { id, record: { ...ref, containerId, image, imageId, state: now } }
  }

  /** undefined: gone. */
  async state(id: string): Promise<ContainerState | undefined> {
    try {
      const { status } = await this.#options.cri.call('ContainerStatus', { containerId: id })
      return status ? stateOf(status) : undefined
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }
}

function millis(nanos: number | null | undefined): number {
  return Math.floor((nanos ?? 0) / nanosPerMilli)
}

function stateOf(status: CriMessage<'ContainerStatus'>): ContainerState {
  const createdAtMs = millis(status.createdAt)
  const startedAtMs = millis(status.startedAt) || createdAtMs
  if (status.state === containerState.running) return { phase: 'running', startedAtMs }
  // What has vanished behind its back containerd tells by a code of its own making.
  const isKnown = status.state === containerState.exited && status.reason !== 'Unknown'
  return {
    phase: 'exited',
    startedAtMs,
    finishedAtMs: Math.max(millis(status.finishedAt), startedAtMs),
    exitCode: isKnown ? (status.exitCode ?? 0) : undefined,
    signal: undefined,
    ...(status.reason === 'OOMKilled' && { isOutOfMemory: true }),
  }
}
