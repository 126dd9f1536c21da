import type { Socket } from 'node:net'
import type { ServicePort } from './service-port.ts'
import type { Upstream, UpstreamUser } from './upstream.ts'

const httpAnswer = Buffer.from('HTTP/1.')
const patienceMs = 10_000

/**
 * For a client that says nothing: perhaps its protocol lets the server speak first. A connection
 * to an endpoint is opened on trial; only if the endpoint speaks, and not HTTP, is it a stream.
 */
export class SilentOpening implements UpstreamUser {
  readonly #onSpoken: (upstream: Upstream, chunk: Buffer) => void
  readonly #service: ServicePort
  readonly #timer: NodeJS.Timeout
  #isOver = false
  #upstream: Upstream | undefined

  constructor(
    client: Socket,
    service: ServicePort,
    onSpoken: (upstream: Upstream, chunk: Buffer) => void,
  ) {
    this.#service = service
    this.#onSpoken = onSpoken
    service.trials++
    this.#timer = setTimeout(() => this.close(), patienceMs)
    this.#upstream = service.pick(client)?.connect(this)
  }

  /** The connection on trial, for the client that has spoken after all. */
  take(): Upstream | undefined {
    const upstream = this.#upstream
    const isOfUse = upstream?.isConnected && upstream.endpoint.isTarget
    if (isOfUse) this.#upstream = undefined
    this.close()
    return isOfUse ? upstream : undefined
  }

  close(): void {
    this.#end()
    this.#upstream?.destroy()
    this.#upstream = undefined
  }

  #end(): void {
    clearTimeout(this.#timer)
    if (!this.#isOver) this.#service.trials--
    this.#isOver = true
  }

  upstreamConnected(): void {}

  /** A server that answers HTTP unasked has lost its patience with a silent connection. */
  upstreamData(chunk: Buffer): boolean {
    const upstream = this.#upstream
    const length = Math.min(chunk.length, httpAnswer.length)
    if (upstream && httpAnswer.compare(chunk, 0, length, 0, length) !== 0) {
      this.#upstream = undefined
      this.#end()
      this.#onSpoken(upstream, chunk)
    } else {
      this.close()
    }
    return false
  }

  upstreamEnded(): void {
    this.close()
  }

  upstreamClosed(): void {
    this.close()
  }

  upstreamDrained(): void {}
}
