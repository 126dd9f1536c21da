import { constants, createDeflate } from 'node:zlib'
import { spdyDictionary } from './dictionary.ts'

/** One connection's header blocks, each compressed with what came before it. */
export class HeaderEncoder {
  readonly #deflate = createDeflate({ dictionary: spdyDictionary })

  /** To be called again only when the last call has resolved. */
  encode(headers: Readonly<Record<string, string>>): Promise<Buffer> {
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

  close(): void {
    this.#deflate.close()
  }
}

function prefixed(text: string): Buffer {
  const bytes = Buffer.alloc(4 + text.length)
  bytes.writeUInt32BE(text.length)
  bytes.write(text, 4)
  return bytes
}
