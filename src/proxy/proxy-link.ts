import type { Socket } from 'node:net'
import { sleep } from '../base/clock.ts'
import { type Companion, connectToCompanion } from '../base/companion-process.ts'
import type { Context } from '../base/context.ts'
import { jsonLines } from '../base/json-lines.ts'
import type { ProxyMessage } from './protocol.ts'

export interface ProxyLinkOptions {
  readonly context: Context
  readonly companion: Companion
  /** `hello` begins every connection. */
  readonly onMessage: (message: ProxyMessage) => void
  /** The proxy is gone; its successor is being looked for, or a new one started. */
  readonly onLost: () => void
}

const retryMs = 200
/** How long the proxy may take to end when it is told to. */
const endMs = 2_000

/** The control plane's connection to the proxy's process, which it starts when there is none. */
export class ProxyLink {
  readonly #options: ProxyLinkOptions
  #socket: Socket | undefined
  #isClosed = false

  constructor(options: ProxyLinkOptions) {
    this.#options = options
  }

  /** Rejects when no proxy can be reached or started. */
  async open(): Promise<void> {
    const { companion, onMessage } = this.#options
    const socket = await connectToCompanion(companion)
    if (this.#isClosed) {
      socket.destroy()
      return
    }
    this.#socket = socket
    socket.setEncoding('utf8').on('data', jsonLines(onMessage))
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      if (this.#socket === socket) void this.#reopen()
    })
  }

  /** What is sent while there is no connection is lost: `hello` says when to send anew. */
  send(line: string): void {
    this.#socket?.write(`${line}\n`)
  }

  /** The proxy lives on. */
  close(): void {
    this.#isClosed = true
    const socket = this.#socket
    this.#socket = undefined
    socket?.end()
    // The last words must have left this process before it may end; the answer matters to nobody.
    socket?.unref()
  }

  /** Ends the proxy's process; resolves when it is gone. */
  async end(): Promise<void> {
    const socket = this.#socket
    this.#isClosed = true
    this.#socket = undefined
    if (!socket) return
    const isGone = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.write(`${JSON.stringify({ type: 'end' })}\n`)
    const waited = new AbortController()
    await Promise.race([isGone, sleep(this.#options.context.clock, endMs, waited.signal)])
    waited.abort()
    socket.destroy()
  }

  async #reopen(): Promise<void> {
    const { context, onLost } = this.#options
    this.#socket = undefined
    onLost()
    while (!this.#isClosed && this.#socket === undefined) {
      context.log.warn('the proxy is gone: looking for its successor, or starting one')
      await this.open().catch(async (error: Error) => {
        context.log.error(error.message)
        await sleep(context.clock, retryMs)
      })
    }
  }
}
