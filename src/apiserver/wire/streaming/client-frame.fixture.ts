import { frameHead } from './websocket-frames.ts'

export interface ClientFrameOptions {
  readonly opcode?: number
  readonly isFinal?: boolean
  readonly mask?: readonly number[]
}

/** A frame as a client sends it: masked, and final unless told otherwise; binary by default. */
export function clientFrame(payload: Uint8Array, options: ClientFrameOptions = {}): Buffer {
  const { opcode = 2, isFinal = true, mask = [1, 2, 3, 4] } = options
  const head = frameHead(opcode, payload.length)
  if (!isFinal) head[0] = opcode
  head[1] = (head[1] ?? 0) | 0x80
  const masked = payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))
  return Buffer.concat([head, Buffer.from(mask), masked])
}

/** The bytes in pieces of these lengths, over and over. */
export function* inPieces(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? bytes.length
    yield bytes.subarray(at, at + length)
    at += length
  }
}
