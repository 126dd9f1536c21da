import { createServer, type Server, type Socket } from 'node:net'
import { listenAtDoor } from '../../../../base/companion-process.ts'
import { jsonLines } from '../../../../base/json-lines.ts'
import { StartFailed } from '../../../runtime.ts'
import type { ShimFailure, ShimMessage, ShimRequest } from '../protocol.ts'
import type { Containers } from './containers.ts'
import { execInContainer } from './exec.ts'

/** The shim's door: every client may ask everything and hears of every exit. */
export class ShimServer {
  readonly #server: Server
  readonly #clients = new Set<Socket>()
  readonly #containers: Containers
  readonly #onClientGone: () => void

  constructor(containers: Containers, onClientGone: () => void) {
    this.#containers = containers
    this.#onClientGone = onClientGone
    this.#server = createServer((socket) => this.#serve(socket))
  }

  get clientCount(): number {
    return this.#clients.size
  }

  /** The caller holds the lock. */
  listen(path: string): Promise<void> {
    return listenAtDoor(this.#server, path)
  }

  announce(message: ShimMessage): void {
    for (const client of this.#clients) send(client, message)
  }

  #serve(socket: Socket): void {
    this.#clients.add(socket)
    const onLine = jsonLines<ShimRequest>((request) => void this.#answer(socket, request))
    socket.setEncoding('utf8').on('data', onLine)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      this.#clients.delete(socket)
      this.#onClientGone()
    })
  }

  async #answer(socket: Socket, request: ShimRequest): Promise<void> {
    try {
      send(socket, { id: request.id, result: await this.#handle(request) })
    } catch (error) {
      send(socket, { id: request.id, failure: failureOf(error) })
    }
  }

  async #handle(request: ShimRequest): Promise<unknown> {
    const containers = this.#containers
    switch (request.method) {
      case 'hello':
        return { pid: process.pid, containers: containers.records() }
      case 'find':
        return containers.find(request.params.ref)?.record() ?? null
      case 'start':
        return containers.start(request.params.launch)
      case 'stop':
        await containers.stop(request.params.ref, request.params.graceMs)
        return {}
      case 'remove':
        await containers.removePod(request.params.podUid)
        return {}
      case 'exec': {
        const container = containers.find(request.params.ref)
        if (!container?.isRunning) throw new Error('the container is not running')
        return execInContainer(container, request.params)
      }
    }
  }
}

function send(socket: Socket, message: ShimMessage): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`)
}

function failureOf(error: unknown): ShimFailure {
  const message = error instanceof Error ? error.message : String(error)
  return error instanceof StartFailed ? { message, reason: error.reason } : { message }
}
