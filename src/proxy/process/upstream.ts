import { DirectSocket } from './direct-socket.ts'
import { writeTo } from './write-to.ts'

/** Whoever uses an upstream connection just now. */
export interface UpstreamUser {
  upstreamConnected(): void
  /** True: done with the chunk. False: it is the user's own now. */
  upstreamData(chunk: Buffer): boolean
  /** The endpoint sends no more; its connection may still take bytes. */
  upstreamEnded(): void
  /** The last call. */
  upstreamClosed(): void
  /** What was written is on its way: more may be written. */
  upstreamDrained(): void
}

/** What a connection, and whoever uses it, needs of its endpoint. */
export interface UpstreamEndpoint {
  readonly ip: string
  readonly port: number
  readonly podName: string
  readonly templateHash: string
  readonly isTarget: boolean
  /** Requests and streams. */
  open: number
  requestBegins(): void
  requestEnds(): void
  count(statusClass: number, latencyMs?: number): void
  release(upstream: Upstream): void
  forget(upstream: Upstream): void
}

/** A connection to an endpoint: at work for one user, or idle in its endpoint's pool. */
export class Upstream {
  readonly endpoint: UpstreamEndpoint
  readonly socket: DirectSocket
  user: UpstreamUser | undefined
  isConnected = false
  /** Has carried a request before. */
  isReused = false
  idleSinceMs = 0

  constructor(endpoint: UpstreamEndpoint, user: UpstreamUser) {
    this.endpoint = endpoint
    this.user = user
    const socket = new DirectSocket({ allowHalfOpen: true })
    socket.setNoDelay()
    socket.receive = (chunk) => this.#received(chunk)
    socket.on('connect', () => this.#connected())
    socket.on('end', () => this.#ended())
    socket.on('drain', () => this.user?.upstreamDrained())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#closed())
    this.socket = socket.connect({ host: endpoint.ip, port: endpoint.port })
  }

  /** False: wait for `upstreamDrained` before writing more. */
  write(chunk: Buffer): boolean {
    return writeTo(this.socket, chunk)
  }

  /** Takes it from its user, who hears no more of it. */
  destroy(): void {
    this.user = undefined
    this.endpoint.forget(this)
    this.socket.destroy()
  }

  #connected(): void {
    this.isConnected = true
    this.user?.upstreamConnected()
  }

  /** Nobody has asked for what an idle connection says. */
  #received(chunk: Buffer): boolean {
    if (this.user) return this.user.upstreamData(chunk)
    this.destroy()
    return true
  }

  #ended(): void {
    if (this.user) this.user.upstreamEnded()
    else this.destroy()
  }

  #closed(): void {
    this.endpoint.forget(this)
    const { user } = this
    this.user = undefined
    user?.upstreamClosed()
  }
}
