import { constants, createDeflate } from 'node:zlib'
import { spdyDictionary } from './spdy-dictionary.ts'
import { controlFrame, dataHead, frameType } from './spdy-frames.ts'

/** Makes the frames of a SPDY client, headers compressed as kubectl does. */
export class SpdyClient {
  readonly #deflate = createDeflate({ dictionary: spdyDictionary })

  async open(id: number, headers: Readonly<Record<string, string>>): Promise<Buffer> {
    return controlFrame(frameType.synStream, id, 0, Buffer.alloc(2), await this.#block(headers))
  }

  data(id: number, text: string, isFinal = false): Buffer {
    const payload = Buffer.from(text)
    return Buffer.concat([dataHead(id, payload.length, isFinal), payload])
  }

  close(): void {
    this.#deflate.close()
  }

  #block(headers: Readonly<Record<string, string>>): Promise<Buffer> {
    const pairs = Object.entries(headers)
    const parts = pairs.flatMap(([name, value]) => [prefixed(name), prefixed(value)])
    const count = Buffer.alloc(4)
    count.writeUInt32BE(pairs.length)
    const chunks: Buffer[] = []
    const take = (chunk: Buffer) => chunks.push(chunk)
    this.#deflate.on('data', take)
    this.#deflate.write(Buffer.concat([count, ...parts]))
    return new Promise((resolve) => {
      this.#deflate.flush(constants.Z_SYNC_FLUSH, () => {
        this.#deflate.removeListener('data', take)
        resolve(Buffer.concat(chunks))
      })
    })
  }
}

function prefixed(text: string): Buffer {
  const bytes = Buffer.alloc(4 + text.length)
  bytes.writeUInt32BE(text.length)
  bytes.write(text, 4)
  return bytes
}
