import type { EndpointTraffic } from '../../../api/seams.ts'
import { required } from '../../../base/assert.ts'
import type { Table } from '../../protocol.ts'
import type { Handle } from './handles.ts'
import type { ToFormer, ToSuccessor } from './messages.ts'

export interface Estate extends Omit<Extract<ToSuccessor, { type: 'estate' }>, 'type'> {
  /** The ports that listen, by address. */
  readonly listeners: ReadonlyMap<string, Handle>
}

export interface FormerProxyEvents {
  readonly onConnection: (connection: Connection, handle: Handle) => void
  /** A pod that was busy there is not any more. */
  readonly onIdle: (podUid: string) => void
  /** What it has counted, when all its connections have ended. */
  readonly onLast: (endpoints: readonly EndpointTraffic[]) => void
}

type Connection = Extract<ToSuccessor, { type: 'connection' }>

/**
 * The proxy that this process takes over from: it started this one, and lives on for the
 * connections it has. It goes by the same tables.
 */
export class FormerProxy {
  readonly #events: FormerProxyEvents
  readonly #listeners = new Map<string, Handle>()
  readonly #busy = new Set<string>()
  readonly #acks = new Map<number, () => void>()
  readonly #stats = new Map<number, (rows: readonly EndpointTraffic[]) => void>()
  #estate: Extract<ToSuccessor, { type: 'estate' }> | undefined
  #begin: () => void = () => {}
  readonly #begins = new Promise<void>((resolve) => {
    this.#begin = resolve
  })
  #nextId = 1
  isGone = false

  constructor(events: FormerProxyEvents) {
    this.#events = events
    process.on('message', (message, handle) => {
      this.#receive(message as ToSuccessor, handle as Handle | undefined)
    })
    process.on('disconnect', () => this.#gone())
    if (!process.connected) this.#gone()
  }

  /** Resolves when the former proxy has sent all that is needed to serve in its place. */
  async estate(): Promise<Estate> {
    this.#send({ type: 'ready' })
    await this.#begins
    const estate = required(this.#estate, 'the estate of the former proxy')
    return { ...estate, listeners: this.#listeners }
  }

  begun(): void {
    this.#send({ type: 'begun' })
  }

  isBusy(podUid: string): boolean {
    return this.#busy.has(podUid)
  }

  busyPods(): readonly string[] {
    return [...this.#busy]
  }

  /** Resolves when its requests, too, go by this table. */
  follow(version: number, services: Table): Promise<void> {
    if (this.isGone) return Promise.resolve()
    return new Promise((resolve) => {
      this.#acks.set(version, resolve)
      this.#send({ type: 'table', version, services })
    })
  }

  counters(): Promise<readonly EndpointTraffic[]> {
    if (this.isGone) return Promise.resolve([])
    return new Promise((resolve) => {
      const id = this.#nextId++
      this.#stats.set(id, resolve)
      this.#send({ type: 'stats', id })
    })
  }

  end(): void {
    this.#send({ type: 'end' })
  }

  #send(message: ToFormer): void {
    if (!this.isGone && process.connected) process.send?.(message)
  }

  #receive(message: ToSuccessor, handle: Handle | undefined): void {
    switch (message.type) {
      case 'estate':
        this.#estate = message
        break
      case 'listener':
        if (handle) this.#listeners.set(message.key, handle)
        break
      case 'begin':
        this.#begin()
        break
      case 'connection':
        if (handle) this.#events.onConnection(message, handle)
        break
      case 'ack':
        this.#busy.clear()
        for (const podUid of message.busy) this.#busy.add(podUid)
        this.#acks.get(message.version)?.()
        this.#acks.delete(message.version)
        break
      case 'idle':
        if (this.#busy.delete(message.podUid)) this.#events.onIdle(message.podUid)
        break
      case 'stats':
        this.#stats.get(message.id)?.(message.endpoints)
        this.#stats.delete(message.id)
        break
      case 'last':
        this.#events.onLast(message.endpoints)
        this.#gone()
    }
  }

  /** With it, its requests are gone. */
  #gone(): void {
    if (this.isGone) return
    this.isGone = true
    for (const resolve of this.#acks.values()) resolve()
    for (const resolve of this.#stats.values()) resolve([])
    this.#acks.clear()
    this.#stats.clear()
    const busy = [...this.#busy]
    this.#busy.clear()
    for (const podUid of busy) this.#events.onIdle(podUid)
  }
}
