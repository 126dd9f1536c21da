import { createServer, type Server, type Socket } from 'node:net'
import type { Address, ListenError, Table } from '../protocol.ts'
import type { ServicePort } from './service-port.ts'

const backlog = 4096

/** A port that is open, or that could not be opened. */
interface Listener {
  readonly address: Address
  /** Changes when the address passes to another Service. */
  service: ServicePort | undefined
  readonly server: Server
}

/** What a table asks for. */
interface Wanted {
  readonly address: Address
  readonly of: { readonly namespace: string; readonly name: string }
  readonly service: ServicePort
}

/** The ports at which clients find Services. */
export class Listeners {
  readonly #byAddress = new Map<string, Listener>()
  readonly #onConnection: (socket: Socket, service: () => ServicePort | undefined) => void

  constructor(onConnection: (socket: Socket, service: () => ServicePort | undefined) => void) {
    this.#onConnection = onConnection
  }

  /**
   * Follows a table: what stays open is not touched, what failed before is tried again. Resolves
   * with what could not be opened.
   */
  async update(
    table: Table,
    servicePort: (index: number) => ServicePort,
  ): Promise<readonly ListenError[]> {
    const wanted = new Map(
      table.flatMap((of, index) =>
        of.listeners.map((address): [string, Wanted] => [
          `${address.ip}:${address.port}`,
          { address, of, service: servicePort(index) },
        ]),
      ),
    )
    for (const [key, listener] of this.#byAddress) if (!wanted.has(key)) this.#close(key, listener)
    const opened = [...wanted].map(([key, one]) => this.#ensure(key, one))
    return (await Promise.all(opened)).filter((error) => error !== undefined)
  }

  /** Connections that are open live on, and find no Service. */
  #close(key: string, listener: Listener): void {
    this.#byAddress.delete(key)
    listener.service = undefined
    listener.server.close()
  }

  async #ensure(key: string, wanted: Wanted): Promise<ListenError | undefined> {
    const existing = this.#byAddress.get(key)
    if (existing) {
      existing.service = wanted.service
      return undefined
    }
    const listener = this.#create(wanted)
    this.#byAddress.set(key, listener)
    const code = await listen(listener)
    if (code === undefined) return undefined
    this.#byAddress.delete(key)
    const { namespace, name } = wanted.of
    return { ...wanted.address, namespace, name, code }
  }

  #create({ address, service }: Wanted): Listener {
    const options = { allowHalfOpen: true, noDelay: true, keepAlive: true }
    const server = createServer({ ...options, keepAliveInitialDelay: 60_000 }, (socket) =>
      this.#onConnection(socket, () => listener.service),
    )
    const listener: Listener = { address, service, server }
    return listener
  }
}

/** Resolves with the error's code when the port cannot be opened. */
function listen({ server, address }: Listener): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'EUNKNOWN'))
    server.listen({ host: address.ip, port: address.port, backlog }, () => resolve(undefined))
  })
}
