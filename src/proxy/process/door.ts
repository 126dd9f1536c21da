import { createServer, type Server, type Socket } from 'node:net'
import type { EndpointTraffic } from '../../api/seams.ts'
import { listenAtDoor } from '../../base/companion-process.ts'
import { jsonLines } from '../../base/json-lines.ts'
import type { ControlMessage, NameTable, ProxyMessage, Table } from '../protocol.ts'
import { DnsServer } from './dns/dns-server.ts'
import { ConnectionGiver } from './handover/connection-giver.ts'
import type { Estate, FormerProxy } from './handover/former-proxy.ts'
import type { ToFormer } from './handover/messages.ts'
import { Successor } from './handover/successor.ts'
import type { TrafficPlane } from './traffic-plane.ts'

/** How often a proxy that has handed over looks whether its last connection has ended. */
const lookMs = 100

export interface DoorOptions {
  readonly plane: TrafficPlane
  /** Path of the unix socket. */
  readonly path: string
  readonly build: string
  /** What is appended to the command line of a proxy. */
  readonly dataDir: string
  /** The process is to end. */
  readonly onEnd: () => void
  /** The lock is another process's from now on. */
  readonly onHandedOver: () => void
}

type Reply = (message: ProxyMessage) => void

/** Where the control plane comes in: it gives tables, and hears what became of them. */
export class Door {
  readonly #options: DoorOptions
  readonly #server: Server
  readonly #clients = new Set<Socket>()
  #version = 0
  #table: Table = []
  readonly #dns = new DnsServer()
  #names: NameTable | undefined
  #former: FormerProxy | undefined
  #successor: Successor | undefined
  /** Tables that come now are for the successor, which the control plane will find. */
  #isHandingOver = false

  constructor(options: DoorOptions) {
    this.#options = options
    this.#server = createServer((socket) => this.#serve(socket))
  }

  /** Of no use to anybody. */
  get isForgotten(): boolean {
    return this.#version === 0 && this.#clients.size === 0
  }

  listen(): Promise<void> {
    return listenAtDoor(this.#server, this.#options.path)
  }

  /** A pod that is leaving has no request under way in this process. */
  podIdle(podUid: string): void {
    if (!this.#former?.isBusy(podUid)) this.#announce({ type: 'idle', podUid })
  }

  /** The same in the process that this one has taken over from. */
  formerPodIdle(podUid: string): void {
    if (!this.#options.plane.isBusy(podUid)) this.#announce({ type: 'idle', podUid })
  }

  /** Serves in the place of a former proxy. */
  async takeOver(former: FormerProxy, estate: Estate): Promise<void> {
    const { plane } = this.#options
    this.#former = former
    this.#version = estate.version
    this.#table = estate.services
    for (const [key, handle] of estate.listeners) plane.inheritListener(key, handle)
    await plane.apply(estate.services)
    plane.inheritBonds(estate.bonds)
    if (estate.names) await this.#followNames(estate.names)
  }

  #announce(message: Extract<ProxyMessage, { type: 'idle' }>): void {
    for (const client of this.#clients) send(client, message)
    if (this.#isHandingOver) void this.#successor?.send(message)
  }

  #serve(socket: Socket): void {
    this.#clients.add(socket)
    const reply: Reply = (message) => send(socket, message)
    const onLine = jsonLines<ControlMessage>((message) => void this.#receive(reply, message))
    socket.setEncoding('utf8').on('data', onLine)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.#clients.delete(socket))
    const { build } = this.#options
    reply({ type: 'hello', pid: process.pid, version: this.#version, build })
  }

  async #receive(reply: Reply, message: ControlMessage): Promise<void> {
    switch (message.type) {
      case 'table':
        if (!this.#isHandingOver) await this.#follow(reply, message)
        break
      case 'names': {
        const { address } = message.table
        if (this.#isHandingOver) break
        reply({ type: 'named', address, failure: await this.#followNames(message.table) })
        break
      }
      case 'stats':
        reply({ type: 'stats', id: message.id, endpoints: await this.#counters() })
        break
      case 'handover':
        await this.#handOver(message.command)
        break
      case 'end':
        this.#former?.end()
        this.#options.onEnd()
    }
  }

  async #follow(
    reply: Reply,
    { version, services }: { readonly version: number; readonly services: Table },
  ): Promise<void> {
    const { plane } = this.#options
    this.#version = version
    this.#table = services
    const [listenErrors] = await Promise.all([
      plane.apply(services),
      this.#former?.follow(version, services),
    ])
    const busy = [...new Set([...plane.busyPods(), ...(this.#former?.busyPods() ?? [])])]
    reply({ type: 'ack', version, listenErrors, busy })
  }

  #followNames(table: NameTable): Promise<string | undefined> {
    this.#names = table
    return this.#dns.follow(table)
  }

  async #counters(): Promise<readonly EndpointTraffic[]> {
    const former = (await this.#former?.counters()) ?? []
    return [...former, ...this.#options.plane.counters()]
  }

  /** Whatever fails before the successor serves, fails there: this process goes on. */
  async #handOver(command: readonly string[]): Promise<void> {
    if (this.#successor) return
    const { dataDir, path } = this.#options
    const successor = new Successor([...command, dataDir], (message) => this.#fromHeir(message))
    this.#successor = successor
    try {
      await successor.until('ready')
      await this.#bequeath(successor)
      await successor.until('begun')
    } catch (error) {
      log(`the handover to a newer proxy failed, this one goes on: ${(error as Error).message}`)
      successor.kill()
      this.#successor = undefined
      if (!this.#isHandingOver) return
      this.#isHandingOver = false
      if (this.#names) await this.#followNames(this.#names)
      await listenAtDoor(this.#server, path)
      this.#dismiss()
      return
    }
    this.#retire(successor)
  }

  /** All that a successor needs to serve. Until it does, both processes accept. */
  async #bequeath(successor: Successor): Promise<void> {
    const { plane } = this.#options
    this.#isHandingOver = true
    await plane.settled()
    const estate = { version: this.#version, services: this.#table, bonds: plane.bonds() }
    const names = this.#names && { names: this.#names }
    await successor.send({ type: 'estate', ...estate, ...names })
    for (const [key, handle] of plane.listeners()) {
      await successor.send({ type: 'listener', key }, handle)
    }
    this.#server.close()
    // Its port cannot be opened twice; who asks just now asks again, as with any lost datagram.
    this.#dns.close()
    await successor.send({ type: 'begin' })
  }

  /** Lives on for the connections that are open, and gives away those that wait for a request. */
  #retire(successor: Successor): void {
    const { plane } = this.#options
    this.#options.onHandedOver()
    this.#dismiss()
    const giver = new ConnectionGiver(async ({ handle, key, isHttp }) => {
      await successor.send({ type: 'connection', key, isHttp }, handle)
    })
    plane.retire((connection) => giver.offer(connection))
    setInterval(() => {
      const isBusy = plane.connectionCount > 0 || !giver.isIdle
      if (isBusy || (this.#former && !this.#former.isGone)) return
      void successor.send({ type: 'last', endpoints: plane.counters() }).then(() => process.exit(0))
    }, lookMs)
  }

  /** The control plane finds whoever is at the door now. */
  #dismiss(): void {
    for (const client of this.#clients) client.end()
  }

  #fromHeir(message: ToFormer): void {
    const reply: Reply = (answer) => {
      if (answer.type !== 'hello' && answer.type !== 'named') void this.#successor?.send(answer)
    }
    if (message.type === 'table') void this.#follow(reply, message)
    else if (message.type !== 'ready' && message.type !== 'begun')
      void this.#receive(reply, message)
  }
}

function send(socket: Socket, message: ProxyMessage): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`)
}

function log(text: string): void {
  process.stderr.write(`${text}\n`)
}
