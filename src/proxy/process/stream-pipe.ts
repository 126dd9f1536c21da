import type { Socket } from 'node:net'
import { cutOff } from './cut-off.ts'
import type { ServicePort } from './service-port.ts'
import type { Upstream, UpstreamEndpoint, UpstreamUser } from './upstream.ts'
import { hasTakenAll, writeTo } from './write-to.ts'

/** An opaque stream between a client and one endpoint, each direction ending by itself. */
export class StreamPipe implements UpstreamUser {
  readonly #client: Socket
  readonly #tried: UpstreamEndpoint[] = []
  #service: ServicePort | undefined
  #upstream: Upstream | undefined
  /** What the client has said, until there is a connection that takes it. */
  #opening: Buffer | undefined
  #hasEnded = false
  #clientHasEnded = false
  #connectingSeconds = 0

  constructor(client: Socket) {
    this.#client = client
  }

  /** To the next endpoint in turn that accepts. */
  open(service: ServicePort, opening: Buffer): void {
    this.#service = service
    this.#opening = opening
    this.#client.pause()
    this.#attempt()
  }

  /** On a connection that is there already; `said` is for the endpoint, `answer` for the client. */
  adopt(upstream: Upstream, said: Buffer, answer: Buffer): void {
    upstream.user = this
    upstream.endpoint.open++
    this.#upstream = upstream
    this.#client.resume()
    upstream.socket.resume()
    if (answer.length > 0) this.upstreamData(answer)
    if (said.length > 0) this.clientData(said)
  }

  /** True: done with the chunk. */
  clientData(chunk: Buffer): boolean {
    const upstream = this.#upstream
    if (!upstream) return true
    if (!upstream.write(chunk)) this.#client.pause()
    return hasTakenAll(upstream.socket)
  }

  clientEnded(): void {
    this.#clientHasEnded = true
    if (this.#upstream?.isConnected) this.#upstream.socket.end()
  }

  clientDrained(): void {
    this.#upstream?.socket.resume()
  }

  clientClosed(): void {
    this.#detach()?.destroy()
  }

  /** Once a second. */
  sweep(): void {
    if (this.#opening && this.#upstream && ++this.#connectingSeconds >= 3) this.upstreamClosed()
  }

  upstreamConnected(): void {
    const opening = this.#opening
    this.#opening = undefined
    this.#client.resume()
    if (opening && opening.length > 0) this.clientData(opening)
    if (this.#clientHasEnded) this.clientEnded()
  }

  upstreamData(chunk: Buffer): boolean {
    if (!writeTo(this.#client, chunk)) this.#upstream?.socket.pause()
    return hasTakenAll(this.#client)
  }

  upstreamEnded(): void {
    this.#hasEnded = true
    this.#client.end()
  }

  upstreamDrained(): void {
    this.#client.resume()
  }

  upstreamClosed(): void {
    const upstream = this.#detach()
    upstream?.destroy()
    if (this.#opening && upstream) {
      this.#tried.push(upstream.endpoint)
      this.#attempt()
    } else if (!this.#hasEnded) {
      cutOff(this.#client)
    }
  }

  #attempt(): void {
    const endpoint = this.#service?.pick(this.#client, this.#tried)
    if (!endpoint) {
      cutOff(this.#client)
      return
    }
    this.#connectingSeconds = 0
    endpoint.open++
    this.#upstream = endpoint.connect(this)
  }

  #detach(): Upstream | undefined {
    const upstream = this.#upstream
    this.#upstream = undefined
    if (upstream) upstream.endpoint.open--
    return upstream
  }
}
