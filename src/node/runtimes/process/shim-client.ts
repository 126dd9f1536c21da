import type { Socket } from 'node:net'
import { jsonLines } from '../../../base/json-lines.ts'
import type { Logger } from '../../../base/log.ts'
import { type ContainerRecord, refKey, StartFailed } from '../../runtime.ts'
import type { Layout } from './layout.ts'
import type {
  ShimAnswer,
  ShimGreeting,
  ShimMessage,
  ShimMethod,
  ShimMethods,
  ShimRequest,
} from './protocol.ts'
import { connectToShim } from './shim-connection.ts'

export interface ShimClientOptions {
  readonly layout: Layout
  readonly shimCommand: readonly string[]
  readonly log: Logger
  readonly onExit: (record: ContainerRecord) => void
  /** After every connection to a shim that is not the one before; `pid` is the shim's. */
  readonly onNewShim: (pid: number) => void
}

interface Pending {
  readonly request: ShimRequest
  resolve(result: unknown): void
  reject(error: Error): void
}

const retryMs = 100
const attemptsMax = 5
const greetingId = 0

/**
 * Speaks to the shim, and starts a new one when it is gone: what was asked and not answered is
 * asked again, but for `exec`, which is rejected. Exits that happened in between are told like all
 * others.
 */
export class ShimClient {
  readonly #options: ShimClientOptions
  readonly #pending = new Map<number, Pending>()
  /** Refs whose exit has not been told. */
  readonly #running = new Set<string>()
  #socket: Socket | undefined
  #shimPid = 0
  #nextId = greetingId + 1
  #isClosed = false

  private constructor(options: ShimClientOptions) {
    this.#options = options
  }

  /** Rejects when no shim can be reached or started. */
  static async open(options: ShimClientOptions): Promise<ShimClient> {
    const client = new ShimClient(options)
    for (let attempt = 1; ; attempt++) {
      try {
        await client.#connect()
        return client
      } catch (error) {
        // A shim that is about to end still takes connections.
        if (attempt === attemptsMax) throw error
        await pause(retryMs)
      }
    }
  }

  request<M extends ShimMethod>(
    method: M,
    params: ShimMethods[M]['params'],
  ): Promise<ShimMethods[M]['result']> {
    if (this.#isClosed) return Promise.reject(closedError())
    const request = { id: this.#nextId++, method, params } as ShimRequest
    return new Promise((resolve, reject) => {
      this.#pending.set(request.id, {
        request,
        resolve: (result) => resolve(result as ShimMethods[M]['result']),
        reject,
      })
      this.#send(request)
    })
  }

  close(): void {
    this.#isClosed = true
    this.#socket?.destroy()
    for (const { reject } of this.#pending.values()) reject(closedError())
    this.#pending.clear()
  }

  /** Resolves when the shim has greeted. */
  async #connect(): Promise<void> {
    const socket = await connectToShim(this.#options.layout, this.#options.shimCommand)
    await new Promise<void>((resolve, reject) => {
      const onMessage = (message: ShimMessage) => {
        const isGreeting = 'result' in message && message.id === greetingId
        if (!isGreeting) {
          this.#receive(message)
          return
        }
        this.#greet(socket, message.result as ShimGreeting)
        resolve()
      }
      socket.setEncoding('utf8').on('data', jsonLines(onMessage))
      socket.on('error', () => socket.destroy())
      socket.once('close', () => {
        reject(new Error('the shim has closed the connection'))
        if (this.#socket === socket) void this.#reconnect()
      })
      socket.write(requestLine({ id: greetingId, method: 'hello', params: {} }))
    })
  }

  #greet(socket: Socket, { pid, containers }: ShimGreeting): void {
    if (this.#isClosed) {
      socket.destroy()
      return
    }
    this.#socket = socket
    if (pid !== this.#shimPid) this.#options.onNewShim(pid)
    this.#shimPid = pid
    for (const record of containers) this.#note(record)
    for (const { request } of this.#pending.values()) this.#send(request)
  }

  async #reconnect(): Promise<void> {
    this.#socket = undefined
    this.#rejectExecs()
    while (!this.#isClosed && this.#socket === undefined) {
      this.#options.log.warn('the shim is gone: starting a new one', { pid: this.#shimPid })
      await this.#connect().catch(async (error: Error) => {
        this.#options.log.error(error.message)
        await pause(retryMs)
      })
    }
  }

  #receive(message: ShimMessage): void {
    if ('exited' in message) this.#note(message.exited)
    else this.#settle(message)
  }

  #settle(message: ShimAnswer): void {
    const pending = this.#pending.get(message.id)
    if (!pending) return
    this.#pending.delete(message.id)
    if ('failure' in message) {
      const { reason, message: text } = message.failure
      pending.reject(reason ? new StartFailed(reason, text) : new Error(text))
      return
    }
    if (pending.request.method === 'start') this.#note(message.result as ContainerRecord)
    pending.resolve(message.result)
  }

  /** Answers and news come in the order in which they became true. */
  #note(record: ContainerRecord): void {
    const key = refKey(record)
    if (record.state.phase === 'running') this.#running.add(key)
    else if (this.#running.delete(key)) this.#options.onExit(record)
  }

  #rejectExecs(): void {
    for (const [id, { request, reject }] of this.#pending) {
      if (request.method !== 'exec') continue
      this.#pending.delete(id)
      reject(new Error('the shim is gone: whether the command has ended is not known'))
    }
  }

  /** While there is no connection it stays pending, and is sent by the next one. */
  #send(request: ShimRequest): void {
    this.#socket?.write(requestLine(request))
  }
}

function requestLine(request: ShimRequest): string {
  return `${JSON.stringify(request)}\n`
}

function closedError(): Error {
  return new Error('the process runtime is closed')
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}
