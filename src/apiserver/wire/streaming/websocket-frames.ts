/** RFC 6455, section 5.2. */
export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** RFC 6455, section 7.4.1, as far as this server says them. */
export const closeCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  tooBig: 1009,
} as const

export interface Frame {
  readonly opcode: number
  /** Whether a message ends here. */
  readonly isFinal: boolean
  /** Unmasked. */
  readonly payload: Buffer
}

/** What the peer sent is not WebSocket; `code` is what to close the connection with. */
export class WebSocketFault extends Error {
  override readonly name = 'WebSocketFault'
  readonly code: number

  constructor(message: string, code: number = closeCode.protocolError) {
    super(message)
    this.code = code
  }
}

interface Head {
  readonly opcode: number
  readonly isFinal: boolean
  readonly payloadStart: number
  readonly payloadLength: number
}

const maskBytes = 4
const controlPayloadMax = 125
const knownOpcodes: ReadonlySet<number> = new Set(Object.values(opcode))

/** Cuts what a client sends into frames; never holds more than one frame and one chunk. */
export class FrameReader {
  readonly #payloadMax: number
  #chunks: Buffer[] = []
  #length = 0
  /** Bytes without which the next frame need not be looked at. */
  #needed = 2

  constructor(payloadMax: number) {
    this.#payloadMax = payloadMax
  }

  /** The frames that are whole by now. Throws WebSocketFault. */
  push(chunk: Buffer): readonly Frame[] {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length < this.#needed) return []
    let data = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks)
    const frames: Frame[] = []
    for (;;) {
      const head = this.#head(data)
      const end = head ? head.payloadStart + head.payloadLength : headLength(data)
      this.#needed = end
      if (!head || data.length < end) break
      frames.push(frameOf(head, data))
      data = data.subarray(end)
    }
    this.#chunks = [data]
    this.#length = data.length
    return frames
  }

  /** undefined while the head is not whole. */
  #head(data: Buffer): Head | undefined {
    const payloadStart = headLength(data)
    if (data.length < payloadStart) return undefined
    const [first = 0, second = 0] = data
    const head = {
      opcode: first & 0x0f,
      isFinal: (first & 0x80) !== 0,
      payloadStart,
      payloadLength: payloadLength(data, second & 0x7f),
    }
    if ((first & 0x70) !== 0) throw new WebSocketFault('an extension that was not negotiated')
    if (!knownOpcodes.has(head.opcode)) throw new WebSocketFault(`opcode ${head.opcode}`)
    if ((second & 0x80) === 0) throw new WebSocketFault('a frame of a client without a mask')
    const isControl = head.opcode >= opcode.close
    if (isControl && (!head.isFinal || head.payloadLength > controlPayloadMax)) {
      throw new WebSocketFault('a control frame that is too long or in parts')
    }
    if (head.payloadLength > this.#payloadMax) {
      const text = `a frame of ${head.payloadLength} bytes; the limit is ${this.#payloadMax}`
      throw new WebSocketFault(text, closeCode.tooBig)
    }
    return head
  }
}

/** How long the head is, mask included, as far as its first two bytes tell. */
function headLength(data: Buffer): number {
  const short = (data[1] ?? 0) & 0x7f
  return 2 + (short === 127 ? 8 : short === 126 ? 2 : 0) + maskBytes
}

function payloadLength(data: Buffer, short: number): number {
  if (short === 126) return data.readUInt16BE(2)
  return short === 127 ? Number(data.readBigUInt64BE(2)) : short
}

function frameOf({ opcode, isFinal, payloadStart, payloadLength }: Head, data: Buffer): Frame {
  const mask = data.subarray(payloadStart - maskBytes, payloadStart)
  const payload = Buffer.from(data.subarray(payloadStart, payloadStart + payloadLength))
  for (let at = 0; at < payload.length; at++) {
    payload[at] = (payload[at] as number) ^ (mask[at & 3] as number)
  }
  return { opcode, isFinal, payload }
}

/** What precedes the payload of a frame that a server sends: one frame per message, no mask. */
export function frameHead(code: number, payloadLength: number): Buffer {
  if (payloadLength < 126) return Buffer.from([0x80 | code, payloadLength])
  const isShort = payloadLength <= 0xffff
  const head = Buffer.alloc(isShort ? 4 : 10)
  head[0] = 0x80 | code
  head[1] = isShort ? 126 : 127
  if (isShort) head.writeUInt16BE(payloadLength, 2)
  else head.writeBigUInt64BE(BigInt(payloadLength), 2)
  return head
}
