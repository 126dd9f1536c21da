import type { PortConnection } from '../../../api/seams.ts'
import { SpdyFault } from '../../../base/spdy/frames.ts'
import { SpdySession, type SpdyStream, type StreamConsumer } from './spdy-session.ts'
import type { WebSocket } from './websocket.ts'
import { closeCode } from './websocket-frames.ts'

/** SPDY/3.1, its bytes in WebSocket messages: what kubectl asks for from 1.31 on (H-18). */
export const portForwardProtocols = ['SPDY/3.1+portforward.k8s.io'] as const

export interface PortForwardOptions {
  /** Opens a connection to a port of the pod; what it rejects with is told to the client. */
  connect(port: number, signal: AbortSignal): Promise<PortConnection>
  /** Of the pod, for errors. */
  readonly pod: { readonly name: string; readonly uid: string }
}

/**
 * Forwards connections for one client until it is gone. Each connection is a pair of streams with
 * one request id: first the one for an error text, then the one for the data.
 */
export async function servePortForward(
  socket: WebSocket,
  options: PortForwardOptions,
): Promise<void> {
  const errorStreams = new Map<string, SpdyStream>()
  const session = new SpdySession({
    send: (...parts) => socket.send(...parts),
    open(stream) {
      const requestId = stream.headers.get('requestid') ?? ''
      if (stream.headers.get('streamtype') === 'error') {
        errorStreams.set(requestId, stream)
        return errorConsumer(() => errorStreams.delete(requestId))
      }
      const errors = errorStreams.get(requestId)
      errorStreams.delete(requestId)
      return errors && new Forwarding(stream, errors, options)
    },
  })
  try {
    await session.run(socket.messages())
  } catch (error) {
    if (!(error instanceof SpdyFault)) throw error
    socket.close(closeCode.protocolError)
  }
}

/** The client says nothing on its error streams. */
function errorConsumer(onReset: () => void): StreamConsumer {
  return { data: async () => {}, end: () => {}, reset: onReset }
}

/** One connection to the pod. */
class Forwarding implements StreamConsumer {
  readonly #gone = new AbortController()
  readonly #connecting: Promise<PortConnection>

  constructor(data: SpdyStream, errors: SpdyStream, { connect, pod }: PortForwardOptions) {
    const port = Number(data.headers.get('port'))
    this.#connecting = connect(port, this.#gone.signal)
    const subject = `port ${port} to pod ${pod.name}, uid ${pod.uid}`
    void this.#connecting
      .then(
        ({ received }) => sendBack(received, data),
        (error) => errors.send(Buffer.from(`error forwarding ${subject}: ${error.message}`)),
      )
      .finally(() => {
        data.end()
        errors.end()
      })
  }

  async data(bytes: Buffer): Promise<void> {
    const connection = await this.#connecting.catch(() => undefined)
    await connection?.write(bytes)
  }

  end(): void {
    this.#connecting.then(
      (connection) => connection.end(),
      () => {},
    )
  }

  reset(): void {
    this.#gone.abort()
  }
}

/** A connection that breaks ends; kubectl would give up all others if it were told why. */
async function sendBack(received: PortConnection['received'], data: SpdyStream): Promise<void> {
  try {
    for await (const chunk of received) if (!(await data.send(chunk))) return
  } catch {}
}
