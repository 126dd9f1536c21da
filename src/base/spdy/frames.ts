/** Control frames of SPDY/3.1 (draft 3.1, 2.6) that this server reads or writes. */
export const frameType = { synStream: 1, synReply: 2, rstStream: 3, ping: 6 } as const

/** Why a stream is reset: nobody takes it. */
export const refusedStream = 3

const flagFin = 0x01

export interface DataFrame {
  readonly streamId: number
  readonly isFinal: boolean
  readonly payload: Buffer
}

export interface ControlFrame {
  readonly type: number
  readonly isFinal: boolean
  readonly payload: Buffer
}

/** What the peer sent is not SPDY/3.1 as far as it is spoken here. */
export class SpdyFault extends Error {
  override readonly name = 'SpdyFault'
}

const headBytes = 8
/** kubectl sends what it reads at a time: 32 KiB. */
const frameBytesMax = 1024 * 1024
const versionOfControl = 0x8003

/** Cuts a byte stream into frames; never holds more than one frame and one chunk. */
export class SpdyFrameReader {
  #rest: Buffer = Buffer.alloc(0)

  /** The frames that are whole by now. Throws SpdyFault. */
  push(chunk: Buffer): readonly (DataFrame | ControlFrame)[] {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const frames: (DataFrame | ControlFrame)[] = []
    while (data.length >= headBytes) {
      const length = data.readUInt32BE(4) & 0xffffff
      if (length > frameBytesMax) throw new SpdyFault(`a frame of ${length} bytes`)
      if (data.length < headBytes + length) break
      frames.push(frameOf(data.subarray(0, headBytes + length)))
      data = data.subarray(headBytes + length)
    }
    this.#rest = data
    return frames
  }
}

function frameOf(frame: Buffer): DataFrame | ControlFrame {
  const isFinal = ((frame[4] ?? 0) & flagFin) !== 0
  const payload = frame.subarray(headBytes)
  const isControl = ((frame[0] ?? 0) & 0x80) !== 0
  if (!isControl) return { streamId: frame.readUInt32BE(0), isFinal, payload }
  if (frame.readUInt16BE(0) !== versionOfControl) throw new SpdyFault('not version 3')
  return { type: frame.readUInt16BE(2), isFinal, payload }
}

export function controlFrame(type: number, ...words: readonly (number | Buffer)[]): Buffer {
  const payload = Buffer.concat(words.map((w) => (typeof w === 'number' ? uint32(w) : w)))
  const head = Buffer.alloc(headBytes)
  head.writeUInt16BE(versionOfControl)
  head.writeUInt16BE(type, 2)
  head.writeUInt32BE(payload.length, 4)
  return Buffer.concat([head, payload])
}

/** What precedes the payload of a data frame, which is at most 16 MiB. */
export function dataHead(streamId: number, length: number, isFinal: boolean): Buffer {
  const head = Buffer.alloc(headBytes)
  head.writeUInt32BE(streamId)
  head.writeUInt32BE(length, 4)
  if (isFinal) head[4] = flagFin
  return head
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
