import { createHash, type Hash } from 'node:crypto'
import { decompressed } from './decompressed.ts'
import { type ImageSource, ImageSourceError } from './source.ts'
import { unpackLayer } from './unpack-layer.ts'

/**
 * Unpacks all layers into a directory, each checked against the digest that the configuration has
 * for it. Returns the number of bytes of files. Rejects with ImageSourceError.
 */
export async function unpackImage({ config, layers }: ImageSource, root: string): Promise<number> {
  const expected = config.rootfs?.diff_ids ?? []
  if (expected.length !== layers.length) {
    throw new ImageSourceError(
      `the image has ${layers.length} layers, its configuration ${expected.length}`,
    )
  }
  let sizeBytes = 0
  for (const [index, open] of layers.entries()) {
    const hash = createHash('sha256')
    const content = await decompressed(await open())
    const tar = hashing(content, hash)
    sizeBytes += await unpackLayer(root, tar)
    // What follows the archive's end belongs to the digest as well.
    for await (const _ of tar);
    const actual = `sha256:${hash.digest('hex')}`
    if (actual !== expected[index]) {
      throw new ImageSourceError(
        `layer ${index + 1} is damaged: ${actual} instead of ${expected[index]}`,
      )
    }
  }
  return sizeBytes
}

/** Hashes what passes; may be read in parts by several readers, one after the other. */
function hashing(source: AsyncIterable<Buffer>, hash: Hash): AsyncIterable<Buffer> {
  const chunks = source[Symbol.asyncIterator]()
  const reader: AsyncIterator<Buffer> = {
    async next() {
      const next = await chunks.next()
      if (!next.done) hash.update(next.value)
      return next
    },
  }
  return { [Symbol.asyncIterator]: () => reader }
}
