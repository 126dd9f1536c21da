import { BlockList, createServer, isIPv4, type Server, type Socket } from 'node:net'
import type { ListenError, Table, TableListener } from '../protocol.ts'
import { directSocketOf, plainSocketOf } from './accepted-sockets.ts'
import type { Place } from './client-connection.ts'
import { cutOff } from './cut-off.ts'
import { type Handle, handleOf, takeHandles } from './handover/handles.ts'
import type { ServicePort } from './service-port.ts'
import { TlsDoor } from './tls-door.ts'

const backlog = 4096

/** A port that is open. */
interface Listener extends Place {
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

/** Told of a new connection, and where it came in. */
export type OnConnection = (socket: Socket, place: Place) => void

/** The ports at which clients find Services. */
export class Listeners {
  readonly #byAddress = new Map<string, Listener>()
  readonly #onConnection: OnConnection
  /** Ports that a former proxy has opened, until the first table. */
  readonly #inherited = new Map<string, Handle>()
  #isRetired = false

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
    const errors = (await Promise.all(opened)).filter((error) => error !== undefined)
    for (const [key, handle] of this.#inherited) this.#discard(key, handle)
    return errors
  }

  /** The first table finds this port open; a table that does not name it closes it. */
  inherit(key: string, handle: Handle): void {
    this.#inherited.set(key, handle)
  }

  /** Where connections find what is now at this address, be it that nothing listens there. */
  placeOf(key: string): Place {
    return this.#byAddress.get(key) ?? { key, service: undefined }
  }

  /** The ports that are open, for another process. */
  *handles(): Iterable<readonly [string, Handle]> {
    for (const [key, { server }] of this.#byAddress) {
      const handle = handleOf(server)
      if (handle) yield [key, handle]
    }
  }

  /** Accepts no more; connections that are open still find what tables say. */
  retire(): void {
    this.#isRetired = true
    for (const { server } of this.#byAddress.values()) server.close()
  }

  #discard(key: string, handle: Handle): void {
    this.#inherited.delete(key)
    createServer().listen(handle).close()
  }

  /** Connections that are open live on, and find no Service. */
  #close(key: string, listener: Listener): void {
    this.#byAddress.delete(key)
    listener.service = undefined
    listener.server.close()
  }

  async #ensure(key: string, wanted: Wanted): Promise<ListenError | undefined> {
    const existing = this.#byAddress.get(key)
    if (!existing && this.#isRetired) return undefined
    const listener = existing ?? this.#create(key, wanted)
    this.#byAddress.set(key, listener)
    const failure =
      this.#follow(listener, wanted) ??
      (existing ? undefined : await this.#open(listener, wanted.listener))
    if (failure === undefined) return undefined
    if (!existing) this.#close(key, listener)
    const { namespace, name } = wanted.of
    const { ip, port } = wanted.listener
    return { ip, port, namespace, name, code: failure }
  }

  #open(listener: Listener, address: TableListener): Promise<string | undefined> {
    const { key, server } = listener
    const handle = this.#inherited.get(key)
    this.#inherited.delete(key)
    server.on('listening', () => takeHandles(server, (taken) => this.#accept(taken, listener)))
    return listen(server, handle ?? address)
  }

  #create(key: string, { service }: Wanted): Listener {
    return { key, server: createServer(), service, tls: undefined, sources: undefined }
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

  #accept(handle: Handle, listener: Listener): void {
    const { sources, tls } = listener
    const socket = tls ? plainSocketOf(handle) : directSocketOf(handle)
    if (sources && !isAmong(sources, socket)) cutOff(socket)
    else if (tls) tls.accept(socket)
    else this.#enter(socket, listener)
  }

  #enter(socket: Socket, listener: Listener): void {
    this.#onConnection(socket, listener)
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

function isAmong(sources: BlockList, { remoteAddress = '' }: Socket): boolean {
  return sources.check(remoteAddress, isIPv4(remoteAddress) ? 'ipv4' : 'ipv6')
}

/** Resolves with the error's code when the port cannot be opened. */
function listen(server: Server, at: TableListener | Handle): Promise<string | undefined> {
  return new Promise((resolve) => {
    server.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'EUNKNOWN'))
    const opened = () => resolve(undefined)
    if ('ip' in at) server.listen({ host: at.ip, port: at.port, backlog }, opened)
    else server.listen(at, backlog, opened)
  })
}
