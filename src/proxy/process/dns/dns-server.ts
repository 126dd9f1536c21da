import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import type { Address, NameTable } from '../../protocol.ts'
import { Forwarder } from './forwarder.ts'
import { KnownNames } from './known-names.ts'
import { Resolvers } from './resolvers.ts'
import { Responder } from './responder.ts'
import { StreamMessages, streamBytes } from './stream-messages.ts'

const connectionsMax = 200
const idleMs = 10_000

/** The cluster's DNS: it outlives the control plane, as the traffic does. */
export class DnsServer {
  #responder: Responder | undefined
  #address = ''
  #udp: UdpSocket | undefined
  #tcp: Server | undefined

  /**
   * From now on these names hold. Resolves with the code of what keeps it from listening, or
   * undefined; then it is tried again with the next table.
   */
  async follow(table: NameTable): Promise<string | undefined> {
    const names = new KnownNames(table)
    const address = `${table.address.ip}:${table.address.port}`
    if (this.#responder && this.#address === address) {
      this.#responder.follow(names)
      return undefined
    }
    this.close()
    this.#address = address
    const resolvers = new Resolvers(table.resolvConf, table.address)
    const responder = new Responder(names, new Forwarder(resolvers))
    try {
      await this.#listenUdp(table.address, responder)
      await this.#listenTcp(table.address, responder)
      this.#responder = responder
      return undefined
    } catch (error) {
      this.close()
      return (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN'
    }
  }

  close(): void {
    this.#udp?.close()
    this.#tcp?.close()
    this.#udp = undefined
    this.#tcp = undefined
    this.#responder = undefined
  }

  #listenUdp({ ip, port }: Address, responder: Responder): Promise<void> {
    const socket = createSocket('udp4')
    this.#udp = socket
    socket.on('message', async (bytes, from) => {
      const response = await responder.respond(bytes, false)
      // Whoever has gone meanwhile does not hear it.
      if (response && this.#udp === socket) socket.send(response, from.port, from.address, () => {})
    })
    return new Promise((resolve, reject) => {
      socket.on('error', reject)
      socket.bind(port, ip, () => resolve())
    })
  }

  #listenTcp({ ip, port }: Address, responder: Responder): Promise<void> {
    const server = createServer((socket) => serve(socket, responder))
    server.maxConnections = connectionsMax
    this.#tcp = server
    return new Promise((resolve, reject) => {
      server.on('error', reject)
      server.listen({ host: ip, port }, () => resolve())
    })
  }
}

/** One query after the other, in any number. */
function serve(socket: Socket, responder: Responder): void {
  const messages = new StreamMessages(async (bytes) => {
    const response = await responder.respond(bytes, true)
    if (response && !socket.destroyed && !socket.write(streamBytes(response))) socket.pause()
  })
  socket.setTimeout(idleMs, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  // Who does not read its answers is not asked what else it wants to know.
  socket.on('drain', () => socket.resume())
  socket.on('data', (chunk: Buffer) => messages.take(chunk))
}
