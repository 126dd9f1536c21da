import {
  type ControlFrame,
  controlFrame,
  type DataFrame,
  dataHead,
  frameType,
  refusedStream,
  SpdyFault,
  SpdyFrameReader,
} from '../../../base/spdy/frames.ts'
import { emptyHeaders, HeaderDecoder } from './spdy-headers.ts'

const streamsMax = 1000
/**
 * What may wait for one slow stream. SPDY as kubectl speaks it has no flow control: beyond this
 * nothing more is read at all.
 */
const waitingBytesMax = 256 * 1024

/** Takes what a client sends on one of its streams. None of its methods may reject. */
export interface StreamConsumer {
  data(bytes: Buffer): Promise<unknown>
  /** No more data will come. */
  end(): void
  /** Neither side has anything more to say: reset by the client, or the connection is over. */
  reset(): void
}

/** The client's stream as the server writes to it. */
export interface SpdyStream {
  readonly headers: ReadonlyMap<string, string>
  /** Resolves with true when more may be sent, with false when nothing can be any more. */
  send(bytes: Uint8Array): Promise<boolean>
  end(): void
}

export interface SpdyPeer {
  /** Sends bytes, whole frames at a time; resolves as `SpdyStream.send`. */
  send(...parts: readonly Uint8Array[]): Promise<boolean>
  /** A stream of the client; without a consumer it is refused. */
  open(stream: SpdyStream): StreamConsumer | undefined
}

class Stream implements SpdyStream {
  readonly headers: ReadonlyMap<string, string>
  readonly #id: number
  readonly #peer: SpdyPeer
  readonly #onEnd: () => void
  #consumer: StreamConsumer | undefined
  #hasEnded = false
  #waitingBytes = 0
  /** What came before has been consumed. */
  #consumed = Promise.resolve()

  constructor(
    id: number,
    headers: ReadonlyMap<string, string>,
    { peer, onEnd }: { readonly peer: SpdyPeer; readonly onEnd: () => void },
  ) {
    this.#id = id
    this.headers = headers
    this.#peer = peer
    this.#onEnd = onEnd
  }

  /** False when nobody takes it. */
  open(): boolean {
    this.#consumer = this.#peer.open(this)
    return this.#consumer !== undefined
  }

  async send(bytes: Uint8Array): Promise<boolean> {
    if (this.#hasEnded) return false
    return this.#peer.send(dataHead(this.#id, bytes.length, false), bytes)
  }

  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    void this.#peer.send(dataHead(this.#id, 0, true))
    this.#onEnd()
  }

  /** Resolves when more may come. */
  async receive(payload: Buffer, isFinal: boolean): Promise<void> {
    const consumer = this.#consumer
    this.#waitingBytes += payload.length
    this.#consumed = this.#consumed.then(async () => {
      if (payload.length > 0) await consumer?.data(payload)
      this.#waitingBytes -= payload.length
      if (isFinal) consumer?.end()
    })
    if (this.#waitingBytes > waitingBytesMax) await this.#consumed
  }

  reset(): void {
    this.#hasEnded = true
    this.#consumer?.reset()
  }
}

/** The server's side of a SPDY/3.1 connection whose streams are all the client's. */
export class SpdySession {
  readonly #peer: SpdyPeer
  readonly #reader = new SpdyFrameReader()
  readonly #headers = new HeaderDecoder()
  readonly #streams = new Map<number, Stream>()
  #hasReplied = false

  constructor(peer: SpdyPeer) {
    this.#peer = peer
  }

  /** Serves until the bytes end, then resets what is open. Rejects with SpdyFault. */
  async run(bytes: AsyncIterable<Buffer>): Promise<void> {
    try {
      for await (const chunk of bytes) {
        for (const frame of this.#reader.push(chunk)) {
          if ('type' in frame) await this.#control(frame)
          else await this.#data(frame)
        }
      }
    } finally {
      this.#headers.close()
      for (const stream of this.#streams.values()) stream.reset()
      this.#streams.clear()
    }
  }

  async #data({ streamId, payload, isFinal }: DataFrame): Promise<void> {
    await this.#streams.get(streamId)?.receive(payload, isFinal)
  }

  async #control({ type, payload, isFinal }: ControlFrame): Promise<void> {
    if (type === frameType.synStream) return this.#open(payload, isFinal)
    if (type === frameType.rstStream) this.#reset(wordOf(payload))
    if (type === frameType.ping) await this.#peer.send(controlFrame(type, payload))
  }

  async #open(payload: Buffer, isFinal: boolean): Promise<void> {
    const id = wordOf(payload) & 0x7fffffff
    // Refused or not, the block must be read: the next one refers to it.
    const headers = await this.#headers.decode(payload.subarray(10))
    const onEnd = () => this.#streams.delete(id)
    const stream = new Stream(id, headers, { peer: this.#peer, onEnd })
    if (this.#streams.size >= streamsMax || this.#streams.has(id) || !stream.open()) {
      await this.#peer.send(controlFrame(frameType.rstStream, id, refusedStream))
      return
    }
    this.#streams.set(id, stream)
    const block = emptyHeaders(!this.#hasReplied)
    this.#hasReplied = true
    await this.#peer.send(controlFrame(frameType.synReply, id, block))
    if (isFinal) await stream.receive(Buffer.alloc(0), true)
  }

  #reset(id: number): void {
    this.#streams.get(id)?.reset()
    this.#streams.delete(id)
  }
}

function wordOf(payload: Buffer): number {
  if (payload.length < 4) throw new SpdyFault('a control frame that is too short')
  return payload.readUInt32BE(0)
}
