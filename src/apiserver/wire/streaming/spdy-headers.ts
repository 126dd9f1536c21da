import { createInflate, type Inflate } from 'node:zlib'
import { spdyDictionary } from '../../../base/spdy/dictionary.ts'
import { SpdyFault } from '../../../base/spdy/frames.ts'

/** Decompressed; the headers of port-forward take less than a hundred bytes. */
const blockBytesMax = 16 * 1024

/** One connection's header blocks: each can be read only after all before it. */
export class HeaderDecoder {
  readonly #inflate: Inflate
  #chunks: Buffer[] = []
  #length = 0
  #onFault: ((fault: SpdyFault) => void) | undefined

  constructor() {
    this.#inflate = createInflate({ dictionary: spdyDictionary })
    this.#inflate.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#inflate.on('error', (error) => this.#fail(error.message))
  }

  /** Name to value, both as they came. Rejects with SpdyFault. */
  async decode(block: Buffer): Promise<ReadonlyMap<string, string>> {
    this.#chunks = []
    this.#length = 0
    await new Promise<void>((resolve, reject) => {
      this.#onFault = reject
      this.#inflate.write(block, () => resolve())
    })
    return pairsOf(Buffer.concat(this.#chunks))
  }

  close(): void {
    this.#inflate.destroy()
  }

  #take(chunk: Buffer): void {
    this.#length += chunk.length
    if (this.#length > blockBytesMax) this.#fail('a header block that is too long')
    else this.#chunks.push(chunk)
  }

  #fail(message: string): void {
    this.#inflate.destroy()
    this.#onFault?.(new SpdyFault(message))
  }
}

function pairsOf(block: Buffer): ReadonlyMap<string, string> {
  let at = 0
  const uint32 = () => {
    if (at + 4 > block.length) throw new SpdyFault('a header block that is torn')
    at += 4
    return block.readUInt32BE(at - 4)
  }
  const text = () => {
    const end = uint32() + at
    if (end > block.length) throw new SpdyFault('a header block that is torn')
    const value = block.toString('latin1', at, end)
    at = end
    return value
  }
  const pairs = new Map<string, string>()
  for (let left = uint32(); left > 0; left--) pairs.set(text(), text())
  return pairs
}

/**
 * No pairs at all, as a stored block of zlib: nothing to compress, so no compressor. The empty
 * block after it is a flush, without which Go's reader holds the bytes back.
 */
const noHeaders = Buffer.from([0, 4, 0, 0xfb, 0xff, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff])
const zlibHead = Buffer.from([0x78, 0x01])

/** The header block of the first reply on a connection, and of every later one. */
export function emptyHeaders(isFirst: boolean): Buffer {
  return isFirst ? Buffer.concat([zlibHead, noHeaders]) : noHeaders
}
