import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { decompressed } from './decompressed.ts'
import { pathInside } from './inside.ts'
import { layoutSource } from './layout-source.ts'
import { type Credentials, registrySource } from './registry-source.ts'
import { type ImageSource, ImageSourceError } from './source.ts'
import { readTar, TarError } from './tar.ts'

/**
 * Opens what `astern image load` is given and hands it to `use`: a directory (OCI layout), an
 * archive (`docker save`, OCI layout), or else a reference into a registry. Rejects with
 * ImageSourceError.
 */
export async function withImageSource<T>(
  source: string,
  credentials: Credentials | undefined,
  use: (image: ImageSource) => Promise<T>,
): Promise<T> {
  const found = await stat(source).catch(() => undefined)
  if (found?.isDirectory()) return use(await layoutSource(source))
  if (!found) {
    if (/^[./]/.test(source)) throw new ImageSourceError(`no such file or directory: ${source}`)
    return use(await registrySource(source, credentials))
  }
  const work = await mkdtemp(join(tmpdir(), 'astern-image-'))
  try {
    await extract(source, work)
    return await use(await layoutSource(work))
  } catch (error) {
    if (error instanceof TarError) throw new ImageSourceError(`${source}: ${error.message}`)
    throw error
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/**
 * Only files count: the parts of an image are nothing else. Links are what older archives share.
 */
async function extract(archive: string, dir: string): Promise<void> {
  const links: (readonly [string, string])[] = []
  for await (const entry of readTar(await decompressed(createReadStream(archive)))) {
    const path = pathInside(dir, entry.path)
    if (entry.type === 'symlink') links.push([path, join(dirname(entry.path), entry.linkPath)])
    if (entry.type === 'link') links.push([path, entry.linkPath])
    if (entry.type !== 'file') continue
    await mkdir(dirname(path), { recursive: true })
    await pipeline(entry.content, createWriteStream(path))
  }
  for (const [path, target] of links) {
    await mkdir(dirname(path), { recursive: true })
    const copied = await open(pathInside(dir, target))
    await pipeline(copied.createReadStream(), createWriteStream(path))
  }
}
