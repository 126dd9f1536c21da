import { request } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { controlFrame, dataHead, frameType, SpdyFrameReader } from '../../../../base/spdy/frames.ts'
import { HeaderEncoder } from '../../../../base/spdy/header-encoder.ts'

/** What kubectl, too, sends at a time. */
const payloadBytesMax = 32 * 1024

/** A stream of a connection: what is written goes to the peer, what the peer sends can be read. */
class SpdyStream extends Duplex {
  readonly #id: number
  readonly #connection: SpdyConnection

  constructor(id: number, connection: SpdyConnection) {
    super({ allowHalfOpen: true })
    this.#id = id
    this.#connection = connection
    this.on('error', () => {})
  }

  override _read(): void {
    this.#connection.resume()
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    for (let at = 0; at < chunk.length; at += payloadBytesMax) {
      const payload = chunk.subarray(at, at + payloadBytesMax)
      const isLast = at + payloadBytesMax >= chunk.length
      this.#connection.send(
        [dataHead(this.#id, payload.length, false), payload],
        isLast ? done : undefined,
      )
    }
    if (chunk.length === 0) done()
  }

  override _final(done: () => void): void {
    this.#connection.send([dataHead(this.#id, 0, true)], done)
  }
}

/** The client's side of a SPDY/3.1 connection whose streams are all the client's. */
export class SpdyConnection {
  readonly #socket: Socket
  readonly #reader = new SpdyFrameReader()
  readonly #headers = new HeaderEncoder()
  readonly #streams = new Map<number, SpdyStream>()
  #lastId = -1

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#headers.close()
      for (const stream of this.#streams.values()) stream.push(null)
    })
  }

  /** Rejects with what the server says when it will not. The signal cuts the connection off. */
  static open(url: string, protocol: string, signal: AbortSignal): Promise<SpdyConnection> {
    return new Promise((resolve, reject) => {
      const headers = {
        Connection: 'Upgrade',
        Upgrade: 'SPDY/3.1',
        'X-Stream-Protocol-Version': protocol,
      }
      const asked = request(url, { method: 'POST', headers, agent: false, signal })
      asked.on('error', reject)
      asked.on('response', (response) => {
        response.resume()
        reject(new Error(`the runtime's streaming server answers ${response.statusCode}`))
      })
      asked.on('upgrade', (_response, socket, head) => {
        const connection = new SpdyConnection(socket as Socket)
        const abort = () => socket.destroy()
        signal.addEventListener('abort', abort, { once: true })
        socket.once('close', () => signal.removeEventListener('abort', abort))
        if (signal.aborted) abort()
        if (head.length > 0) connection.#receive(head)
        resolve(connection)
      })
      asked.end()
    })
  }

  /** One after the other. */
  async stream(headers: Readonly<Record<string, string>>): Promise<Duplex> {
    this.#lastId += 2
    const id = this.#lastId
    const stream = new SpdyStream(id, this)
    this.#streams.set(id, stream)
    const block = await this.#headers.encode(headers)
    this.send([controlFrame(frameType.synStream, id, 0, Buffer.alloc(2), block)])
    return stream
  }

  send(parts: readonly Uint8Array[], done?: () => void): void {
    if (this.#socket.writable) this.#socket.write(Buffer.concat(parts), () => done?.())
    else done?.()
  }

  /** Somebody wants to read again. */
  resume(): void {
    this.#socket.resume()
  }

  close(): void {
    this.#socket.end()
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) {
        if ('streamId' in frame) this.#data(frame)
        else if (frame.type === frameType.ping) this.send([controlFrame(frame.type, frame.payload)])
        else if (frame.type === frameType.rstStream) this.#end(frame.payload.readUInt32BE(0))
      }
    } catch {
      this.#socket.destroy()
    }
  }

  /** Full: nothing more is read at all until somebody has read it. */
  #data({ streamId, payload, isFinal }: { streamId: number; payload: Buffer; isFinal: boolean }) {
    const stream = this.#streams.get(streamId)
    if (!stream) return
    if (payload.length > 0 && !stream.push(payload)) this.#socket.pause()
    if (isFinal) this.#end(streamId)
  }

  #end(streamId: number): void {
    this.#streams.get(streamId)?.push(null)
    this.#streams.delete(streamId)
    // Nobody asks a stream that has ended for more: it must not be the one that holds up the rest.
    this.#socket.resume()
  }
}
