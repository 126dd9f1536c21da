import { connect, type Socket } from 'node:net'

/** A request, and what its answer must be. */
export interface Asked {
  /** What is counted of it apart from others: `GET`, `POST`, `stream`. */
  readonly kind: string
  readonly bytes: Buffer
  /** Whether this body is the right answer of that version. */
  readonly isRight: (body: string, version: string) => boolean
  /** When it was due, on the clock of `performance.now`: latency counts from here. */
  readonly dueMs: number
}

export interface ConnectionListener {
  answered(connection: StrictConnection, asked: Asked, version: string): void
  /** It took this long to be let in. */
  opened(ms: number): void
  /** No whole, right answer came, for this reason. The connection opens anew by itself. */
  failed(asked: Asked, reason: string): void
  /** It can be asked. */
  free(connection: StrictConnection): void
  /** Closed by the other side while nothing was under way, unannounced. */
  cut(): void
}

export interface StrictTarget {
  readonly host: string
  readonly port: number
  /** From the request to the end of its answer. */
  readonly timeoutMs: number
}

/** After the reason of a failure: nobody could have asked again. */
export const inAnswer = ' in the middle of the answer'

const reconnectMs = 20
const headEnd = Buffer.from('\r\n\r\n')

/**
 * A connection of a client that never tries again. It asks one request after the other, and takes
 * nothing for an answer but a whole 200 with the right body.
 */
export class StrictConnection {
  readonly #target: StrictTarget
  readonly #listener: ConnectionListener
  #socket: Socket | undefined
  #isOpen = false
  #asked: Asked | undefined
  #askedMs = 0
  #received: Buffer[] = []
  #isOver = false
  #isLast = false

  constructor(target: StrictTarget, on: ConnectionListener) {
    this.#target = target
    this.#listener = on
    this.#open()
  }

  /** Not so: it is on its way in, or waits to try again. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Of the request that was asked last. */
  get askedMs(): number {
    return this.#askedMs
  }

  get isFree(): boolean {
    return this.#isOpen && this.#asked === undefined
  }

  ask(asked: Asked): void {
    this.#asked = asked
    this.#askedMs = performance.now()
    this.#socket?.write(asked.bytes)
  }

  /** Now and then: what has taken too long is a failure. */
  sweep(): void {
    if (this.#asked && performance.now() - this.#askedMs > this.#target.timeoutMs)
      this.#fail('timeout')
  }

  close(): void {
    this.#isOver = true
    this.#socket?.destroy()
  }

  #open(): void {
    if (this.#isOver) return
    const { host, port } = this.#target
    const beganMs = performance.now()
    const socket = connect({ host, port, noDelay: true })
    this.#socket = socket
    this.#isLast = false
    socket.on('connect', () => {
      this.#isOpen = true
      this.#listener.opened(performance.now() - beganMs)
      this.#listener.free(this)
    })
    socket.on('data', (chunk: Buffer) => this.#data(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => this.#fail(error.code ?? error.message))
    socket.on('close', () => this.#closed(socket))
  }

  #closed(socket: Socket): void {
    if (this.#socket === socket) this.#fail('closed before the answer was whole')
  }

  #again(afterMs: number): void {
    this.#isOpen = false
    this.#socket?.destroy()
    this.#socket = undefined
    setTimeout(() => this.#open(), afterMs)
  }

  #fail(reason: string): void {
    const asked = this.#asked
    const isInAnswer = this.#received.length > 0 && !/^\d/.test(reason)
    this.#asked = undefined
    this.#received = []
    if (this.#isOver || !this.#socket) return
    if (asked) this.#listener.failed(asked, isInAnswer ? `${reason}${inAnswer}` : reason)
    else if (this.#isOpen) this.#listener.cut()
    this.#again(reconnectMs)
  }

  #data(chunk: Buffer): void {
    const asked = this.#asked
    if (!asked) {
      this.#fail('')
      return
    }
    this.#received.push(chunk)
    const bytes = this.#received.length === 1 ? chunk : Buffer.concat(this.#received)
    const end = bytes.indexOf(headEnd)
    if (end < 0) return
    const head = bytes.toString('latin1', 0, end)
    if (!head.startsWith('HTTP/1.1 200 ')) {
      this.#fail(head.slice(9, 12))
      return
    }
    const body = bodyOf(head, bytes.toString('latin1', end + headEnd.length))
    if (body !== undefined) this.#whole(asked, head, body)
  }

  #whole(asked: Asked, head: string, body: string): void {
    this.#received = []
    const version = /\r\nx-version: (\S+)/i.exec(head)?.[1] ?? ''
    if (!asked.isRight(body, version)) {
      this.#fail('a wrong answer')
      return
    }
    this.#asked = undefined
    this.#isLast = /\r\nconnection: close/i.test(head)
    this.#listener.answered(this, asked, version)
    // Announced: a client that is told so opens another one.
    if (this.#isLast) this.#again(0)
    else this.#listener.free(this)
  }
}

/** undefined: it is not whole. */
function bodyOf(head: string, rest: string): string | undefined {
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  if (length !== undefined) return rest.length === Number(length) ? rest : undefined
  if (!rest.endsWith('\r\n0\r\n\r\n')) return undefined
  let body = ''
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at)
    const size = Number.parseInt(rest.slice(at, lineEnd), 16)
    if (size === 0) return body
    if (lineEnd < 0 || Number.isNaN(size)) return undefined
    body += rest.slice(lineEnd + 2, lineEnd + 2 + size)
    at = lineEnd + 2 + size + 2
  }
}
