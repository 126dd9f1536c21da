import type { Client, ServiceError } from '@grpc/grpc-js'
import { type Clock, sleep } from '../../../../base/clock.ts'
import { criDescriptor } from './descriptor.ts'
import { type CriMethod, type CriRequest, type CriResponse, criMethods } from './messages.ts'

/** gRPC's numbers for what may go wrong, as far as they are told apart. */
export const grpcCode = { deadlineExceeded: 4, notFound: 5, unimplemented: 12, unavailable: 14 }

/** CRI refuses a call while containerd starts. */
const stillStarting = /server is not initialized yet/
const retryMs = 100
/** How long a call waits for a containerd that is being restarted. */
const restartMsMax = 60_000
const messageBytesMax = 64 * 1024 * 1024

/** The runtime has refused a call; the message is what it said. */
export class CriError extends Error {
  override readonly name = 'CriError'
  readonly code: number

  constructor(message: string, code: number) {
    super(message)
    this.code = code
  }
}

interface Wire {
  readonly runtime: Client
  readonly image: Client
  invoke(method: CriMethod, request: object, signal?: AbortSignal): Promise<unknown>
}

export interface CriClientOptions {
  readonly socketPath: string
  readonly clock: Clock
}

/**
 * CRI v1 over a socket. A call that finds nobody there waits for somebody to come: containerd may
 * be restarted at any time.
 */
export class CriClient {
  readonly #options: CriClientOptions
  readonly #closed = new AbortController()
  #wire: Promise<Wire> | undefined

  constructor(options: CriClientOptions) {
    this.#options = options
  }

  /** Rejects with CriError. */
  async call<M extends CriMethod>(method: M, request: CriRequest<M>): Promise<CriResponse<M>> {
    const { clock } = this.#options
    const giveUpMs = clock.monotonic() + restartMsMax
    for (;;) {
      try {
        return await this.once(method, request)
      } catch (error) {
        const isAway = isUnavailable(error) && !this.#closed.signal.aborted
        if (!isAway || clock.monotonic() > giveUpMs) throw error
        await sleep(clock, retryMs, this.#closed.signal)
      }
    }
  }

  /** The same, and nobody there is an error. */
  async once<M extends CriMethod>(method: M, request: CriRequest<M>): Promise<CriResponse<M>> {
    this.#wire ??= connect(this.#options.socketPath)
    const { invoke } = await this.#wire
    return (await invoke(method, request)) as CriResponse<M>
  }

  close(): void {
    this.#closed.abort()
    void this.#wire?.then(({ runtime, image }) => {
      runtime.close()
      image.close()
    })
  }
}

export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof CriError)) return false
  return error.code === grpcCode.unavailable || stillStarting.test(error.message)
}

export function isNotFound(error: unknown): boolean {
  return error instanceof CriError && error.code === grpcCode.notFound
}

/** The libraries are loaded by the first call: other runtimes do without them. */
async function connect(socketPath: string): Promise<Wire> {
  const [grpc, { fromJSON }] = await Promise.all([
    import('@grpc/grpc-js'),
    import('@grpc/proto-loader'),
  ])
  const definition = fromJSON(criDescriptor() as never, { longs: Number, defaults: true })
  const options = {
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.initial_reconnect_backoff_ms': retryMs,
    'grpc.max_reconnect_backoff_ms': 1_000,
    // A name for the authority of a socket, which has none.
    'grpc.default_authority': 'localhost',
  }
  const credentials = grpc.credentials.createInsecure()
  const open = () => new grpc.Client(`unix:${socketPath}`, credentials, options)
  const clients = { runtime: open(), image: open() }
  return {
    ...clients,
    invoke(method, request) {
      const [service] = criMethods[method]
      const methods = definition[`runtime.v1.${service}`] as unknown as Record<string, WireMethod>
      const { path, requestSerialize, responseDeserialize } = methods[method] as WireMethod
      const client = service === 'RuntimeService' ? clients.runtime : clients.image
      return new Promise((resolve, reject) => {
        const answered = (error: ServiceError | null, value: unknown) =>
          error ? reject(new CriError(error.details || error.message, error.code)) : resolve(value)
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, answered)
      })
    },
  }
}

interface WireMethod {
  readonly path: string
  readonly requestSerialize: (value: object) => Buffer
  readonly responseDeserialize: (bytes: Buffer) => unknown
}
