import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { Duplex } from 'node:stream'
import type { ServedApi } from '../served-api.fixture.ts'
import { type ClientFrameOptions, clientFrame } from './client-frame.fixture.ts'

export interface Handshaking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** As whom; default: the administrator. */
  readonly isAnonymous?: boolean
}

export interface Refusal {
  readonly code: number
  readonly body: string
}

interface Received {
  readonly opcode: number
  readonly payload: Buffer
}

export const webSocketHeaders = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'v5.channel.k8s.io',
}

/** A WebSocket client that does nothing by itself, so that tests can do what clients should not. */
export class WebSocketClient {
  readonly headers: IncomingMessage['headers']
  readonly socket: Duplex
  readonly #received: Received[] = []
  #data: Buffer
  #onChange: () => void = () => {}
  hasEnded = false

  constructor(answer: IncomingMessage, socket: Duplex, head: Buffer) {
    this.headers = answer.headers
    this.socket = socket
    this.#data = head
    socket.on('error', () => {})
    socket.on('close', () => {
      this.hasEnded = true
      this.#onChange()
    })
    socket.on('data', (chunk: Buffer) => {
      this.#data = Buffer.concat([this.#data, chunk])
      this.#cut()
    })
    this.#cut()
  }

  send(payload: Uint8Array, options?: ClientFrameOptions): boolean {
    return this.socket.write(clientFrame(payload, options))
  }

  /** To a channel of a command. */
  sendTo(channel: number, text: string): boolean {
    return this.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]))
  }

  /** The next frame that is no ping; undefined when the connection has ended. */
  async next(): Promise<Received | undefined> {
    for (;;) {
      const found = this.#received.shift()
      if (found && found.opcode !== 9) return found
      if (found) continue
      if (this.hasEnded) return undefined
      await new Promise<void>((resolve) => {
        this.#onChange = resolve
      })
    }
  }

  /** All that a channel says until the connection is closed. */
  async textOf(channel: number): Promise<string> {
    let text = ''
    for (let frame = await this.next(); frame?.opcode === 2; frame = await this.next()) {
      if (frame.payload[0] === channel) text += frame.payload.toString('utf8', 1)
    }
    return text
  }

  #cut(): void {
    for (;;) {
      const short = this.#data[1] ?? 0
      const headLength = short === 127 ? 10 : short === 126 ? 4 : 2
      if (this.#data.length < headLength) break
      const large = () => Number(this.#data.readBigUInt64BE(2))
      const length = short === 127 ? large() : short === 126 ? this.#data.readUInt16BE(2) : short
      if (this.#data.length < headLength + length) break
      const payload = this.#data.subarray(headLength, headLength + length)
      this.#received.push({ opcode: (this.#data[0] ?? 0) & 0x0f, payload })
      this.#data = this.#data.subarray(headLength + length)
    }
    this.#onChange()
  }
}

/** Asks for a WebSocket; resolves with the connection, or with the refusal. */
export async function handshake(
  api: ServedApi,
  path: string,
  { method = 'GET', headers = webSocketHeaders, isAnonymous = false }: Handshaking = {},
): Promise<WebSocketClient | Refusal> {
  const admin = await api.pki.client('admin')
  const asked = request(`${api.url}${path}`, {
    method,
    headers,
    agent: false,
    ca: api.pki.caCertificate,
    ...(!isAnonymous && { cert: admin.certificate, key: admin.key }),
  })
  return new Promise((resolve, reject) => {
    asked.once('error', reject)
    asked.once('upgrade', (answer, socket, head) =>
      resolve(new WebSocketClient(answer, socket, head)),
    )
    asked.once('response', async (answer) => {
      const body = (await answer.setEncoding('utf8').toArray()).join('')
      resolve({ code: answer.statusCode ?? 0, body })
    })
    asked.end()
  })
}

/** The connection; rejects with what the server says instead. */
export async function openWebSocket(
  api: ServedApi,
  path: string,
  options?: Handshaking,
): Promise<WebSocketClient> {
  const opened = await handshake(api, path, options)
  if (opened instanceof WebSocketClient) return opened
  throw new Error(`${opened.code} ${opened.body}`)
}
