import { createServer, type Server, type Socket } from 'node:net'
import { listenAtDoor } from '../../base/companion-process.ts'
import { jsonLines } from '../../base/json-lines.ts'
import type { ControlMessage, ProxyMessage } from '../protocol.ts'
import { DnsServer } from './dns/dns-server.ts'
import { TrafficPlane } from './traffic-plane.ts'

/** Where the control plane comes in: it gives tables, and hears what became of them. */
export class Door {
  readonly #server: Server
  readonly #clients = new Set<Socket>()
  readonly #onEnd: () => void
  readonly #plane = new TrafficPlane((podUid) => this.#announce({ type: 'idle', podUid }))
  readonly #dns = new DnsServer()
  #version = 0

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd
    this.#server = createServer((socket) => this.#serve(socket))
  }

  get hasTable(): boolean {
    return this.#version > 0
  }

  get clientCount(): number {
    return this.#clients.size
  }

  listen(path: string): Promise<void> {
    return listenAtDoor(this.#server, path)
  }

  #announce(message: ProxyMessage): void {
    for (const client of this.#clients) send(client, message)
  }

  #serve(socket: Socket): void {
    this.#clients.add(socket)
    const onLine = jsonLines<ControlMessage>((message) => void this.#receive(socket, message))
    socket.setEncoding('utf8').on('data', onLine)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.#clients.delete(socket))
    send(socket, { type: 'hello', pid: process.pid, version: this.#version })
  }

  async #receive(socket: Socket, message: ControlMessage): Promise<void> {
    switch (message.type) {
      case 'table': {
        const { version, services } = message
        this.#version = version
        const listenErrors = await this.#plane.apply(services)
        send(socket, { type: 'ack', version, listenErrors, busy: this.#plane.busyPods() })
        break
      }
      case 'names': {
        const { table } = message
        const failure = await this.#dns.follow(table)
        send(socket, { type: 'named', address: table.address, failure })
        break
      }
      case 'stats':
        send(socket, { type: 'stats', id: message.id, endpoints: this.#plane.counters() })
        break
      case 'end':
        this.#onEnd()
    }
  }
}

function send(socket: Socket, message: ProxyMessage): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`)
}
