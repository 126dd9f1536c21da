import type { Duplex } from 'node:stream'
import type { Clock, Timer } from '../../../base/clock.ts'
import type { UpgradableConnection } from '../exchange.ts'
import { closeCode, FrameReader, frameHead, opcode, WebSocketFault } from './websocket-frames.ts'
import { type Handshake, switchingProtocols } from './websocket-handshake.ts'

/** A longer message closes the connection with 1009. */
const messageBytesMax = 1024 * 1024
/** While nothing is read, a client that is gone is noticed by a ping that cannot be sent. */
const pingEveryMs = 2_000
/** So long a client that is being waited for may say nothing at all. */
const silenceMsMax = 60_000
/** How long the client has to answer a close. */
const closeGraceMs = 3_000

export interface WebSocketOptions {
  readonly clock: Clock
  /** Closes the connection when it aborts. */
  readonly signal: AbortSignal
}

/**
 * The server's side of one WebSocket (RFC 6455). It reads only while somebody waits for a message,
 * and a send resolves only when the client has taken enough: nothing piles up here.
 */
export class WebSocket {
  readonly #socket: Duplex
  readonly #head: Buffer
  readonly #clock: Clock
  readonly #reader = new FrameReader(messageBytesMax)
  #heardAtMs: number
  /** Reading, and none of what was sent is waiting. */
  #isListening = false
  #isClosing = false
  #timer: Timer

  private constructor({ socket, head }: UpgradableConnection, { clock, signal }: WebSocketOptions) {
    this.#socket = socket
    this.#head = head
    this.#clock = clock
    this.#heardAtMs = clock.monotonic()
    this.#timer = this.#pingLater()
    const onAbort = () => this.close(closeCode.goingAway)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      signal.removeEventListener('abort', onAbort)
      this.#isClosing = true
      this.#timer.cancel()
    })
  }

  /** Answers the handshake. */
  static accept(handshake: Handshake, options: WebSocketOptions): WebSocket {
    handshake.connection.socket.write(switchingProtocols(handshake))
    return new WebSocket(handshake.connection, options)
  }

  /**
   * The messages of the client, binary or text, until it closes the connection or is gone. Read it
   * to its end: that is what answers pings and the close, and lets go of the socket.
   */
  async *messages(): AsyncGenerator<Buffer> {
    try {
      yield* this.#read()
      this.close(closeCode.normal)
    } catch (error) {
      if (error instanceof WebSocketFault) this.close(error.code)
    }
    this.#socket.end()
    this.#socket.resume()
  }

  /**
   * One binary message of these parts. Resolves with true when more may be sent, with false when
   * nothing can be any more.
   */
  async send(...parts: readonly Uint8Array[]): Promise<boolean> {
    if (this.#isClosing) return false
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    this.#socket.cork()
    let isReady = this.#socket.write(frameHead(opcode.binary, length))
    for (const part of parts) isReady = this.#socket.write(part)
    this.#socket.uncork()
    if (!isReady) await this.#drained()
    return !this.#isClosing
  }

  /** What comes after it from the client is dropped; see `messages`. */
  close(code: number): void {
    if (this.#isClosing) return
    this.#isClosing = true
    const payload = Buffer.alloc(2)
    payload.writeUInt16BE(code)
    this.#control(opcode.close, payload)
    this.#timer.cancel()
    this.#timer = this.#clock.setTimeout(() => this.#socket.destroy(), closeGraceMs)
  }

  async *#read(): AsyncGenerator<Buffer> {
    let parts: Buffer[] = []
    let length = 0
    for await (const frame of this.#frames()) {
      if (frame.opcode === opcode.close) return
      if (frame.opcode === opcode.ping) this.#control(opcode.pong, frame.payload)
      if (frame.opcode >= opcode.close) continue
      const isContinuation = frame.opcode === opcode.continuation
      if (isContinuation !== parts.length > 0) throw new WebSocketFault('a message out of order')
      parts.push(frame.payload)
      length += frame.payload.length
      if (length > messageBytesMax) throw new WebSocketFault('too long', closeCode.tooBig)
      if (!frame.isFinal) continue
      const message = Buffer.concat(parts)
      parts = []
      length = 0
      yield message
    }
  }

  async *#frames() {
    yield* this.#reader.push(this.#head)
    const chunks: AsyncIterator<Buffer> = this.#socket.iterator({ destroyOnReturn: false })
    for (;;) {
      this.#heardAtMs = this.#clock.monotonic()
      this.#isListening = true
      const next = await chunks.next()
      this.#isListening = false
      if (next.done) return
      yield* this.#reader.push(next.value)
    }
  }

  #drained(): Promise<void> {
    const socket = this.#socket
    return new Promise((resolve) => {
      const finish = () => {
        socket.removeListener('drain', finish)
        socket.removeListener('close', finish)
        resolve()
      }
      socket.on('drain', finish)
      socket.on('close', finish)
      if (socket.destroyed) finish()
    })
  }

  #control(code: number, payload: Buffer): void {
    if (this.#socket.writable) {
      this.#socket.write(Buffer.concat([frameHead(code, payload.length), payload]))
    }
  }

  #pingLater(): Timer {
    return this.#clock.setTimeout(() => {
      const silentMs = this.#clock.monotonic() - this.#heardAtMs
      const isHeard = !this.#isListening || this.#socket.writableNeedDrain
      if (!isHeard && silentMs > silenceMsMax) {
        this.#socket.destroy()
        return
      }
      // To one that takes nothing, a ping that waits is enough.
      if (!this.#socket.writableNeedDrain) this.#control(opcode.ping, Buffer.alloc(0))
      this.#timer = this.#pingLater()
    }, pingEveryMs)
  }
}
