import { PassThrough, type Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { ImageSourceError } from './source.ts'

const magicBytes = 4

/** The content of a stream that may be compressed by gzip or zstd, which its first bytes tell. */
export async function decompressed(source: AsyncIterable<Buffer>): Promise<AsyncIterable<Buffer>> {
  const chunks = source[Symbol.asyncIterator]()
  let head: Buffer = Buffer.alloc(0)
  while (head.length < magicBytes) {
    const next = await chunks.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }
  const decoder = decoderFor(head)
  void feed(decoder, head, chunks)
  return decoder as AsyncIterable<Buffer>
}

function decoderFor(head: Buffer): Transform {
  const magic = head.toString('hex', 0, magicBytes)
  if (magic.startsWith('1f8b')) return zlib.createGunzip()
  if (magic !== '28b52ffd') return new PassThrough()
  const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform }
  if (createZstdDecompress) return createZstdDecompress()
  throw new ImageSourceError(
    `a layer is compressed with zstd, which Node ${process.version} does not know; use Node 22.15 or later, or an image with gzip layers`,
  )
}

async function feed(
  decoder: Transform,
  head: Buffer,
  chunks: AsyncIterator<Buffer>,
): Promise<void> {
  try {
    decoder.write(head)
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      if (!decoder.write(next.value)) await new Promise((resolve) => decoder.once('drain', resolve))
      if (decoder.destroyed) return
    }
    decoder.end()
  } catch (error) {
    decoder.destroy(error as Error)
  }
}
