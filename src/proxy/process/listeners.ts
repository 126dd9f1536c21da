import { BlockList, createServer, isIPv4, type Server, type Socket } from 'node:net'
import type { ListenError, Table, TableListener } from '../protocol.ts'
import { cutOff } from './cut-off.ts'
import type { ServicePort } from './service-port.ts'
import { TlsDoor } from './tls-door.ts'

const backlog = 4096

/** A port that is open. */
interface Listener {
  readonly server: Server
  /** Changes when the address passes to another Service. */
  service: ServicePort | undefined
  tls: TlsDoor | undefined
  /** Who may come in; everybody when undefined. */
  sources: BlockList | undefined
}

/** What a table asks for. */
interface Wanted {
  readonly listener: TableListener
  readonly of: { readonly namespace: string; readonly name: string }
  readonly service: ServicePort
}

/** Told of a new connection, and which Service it finds whenever it asks. */
export type OnConnection = (socket: Socket, service: () => ServicePort | undefined) => void

/** The ports at which clients find Services. */
export class Listeners {
  readonly #byAddress = new Map<string, Listener>()
  readonly #onConnection: OnConnection

  constructor(onConnection: OnConnection) {
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
        of.listeners.map((listener): [string, Wanted] => [
          `${listener.ip}:${listener.port}`,
          { listener, of, service: servicePort(index) },
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
    const listener = existing ?? this.#create(wanted)
    this.#byAddress.set(key, listener)
    const failure =
      this.#follow(listener, wanted) ??
      (existing ? undefined : await listen(listener.server, wanted.listener))
    if (failure === undefined) return undefined
    if (!existing) this.#close(key, listener)
    const { namespace, name } = wanted.of
    const { ip, port } = wanted.listener
    return { ip, port, namespace, name, code: failure }
  }

  #create({ service }: Wanted): Listener {
    const options = { allowHalfOpen: true, noDelay: true, keepAlive: true }
    const server = createServer({ ...options, keepAliveInitialDelay: 60_000 }, (socket) =>
      this.#accept(socket, listener),
    )
    const listener: Listener = { server, service, tls: undefined, sources: undefined }
    return listener
  }

  /** Returns the code of what is wrong with the certificate; a former one stays in use. */
  #follow(listener: Listener, { service, listener: { tls, sources } }: Wanted): string | undefined {
    listener.service = service
    listener.sources = sources && rangesOf(sources)
    try {
      if (tls && listener.tls) listener.tls.update(tls)
      else listener.tls = tls && new TlsDoor(tls, (socket) => this.#enter(socket, listener))
      return undefined
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'EINVAL'
    }
  }

  #accept(socket: Socket, listener: Listener): void {
    const { remoteAddress = '' } = socket
    const family = isIPv4(remoteAddress) ? 'ipv4' : 'ipv6'
    if (listener.sources && !listener.sources.check(remoteAddress, family)) cutOff(socket)
    else if (listener.tls) listener.tls.accept(socket)
    else this.#enter(socket, listener)
  }

  #enter(socket: Socket, listener: Listener): void {
    this.#onConnection(socket, () => listener.service)
  }
}

function rangesOf(cidrs: readonly string[]): BlockList {
  const ranges = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', bits] = cidr.trim().split('/')
    ranges.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6')
  }
  return ranges
}

/** Resolves with the error's code when the port cannot be opened. */
function listen(server: Server, { ip, port }: TableListener): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'EUNKNOWN'))
    server.listen({ host: ip, port, backlog }, () => resolve(undefined))
  })
}
