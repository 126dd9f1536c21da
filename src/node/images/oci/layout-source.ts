import { createReadStream, existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathInside } from './inside.ts'
import {
  type BlobReader,
  type Descriptor,
  type ImageSource,
  ImageSourceError,
  type Manifest,
  sourceOf,
} from './source.ts'

/** One image of `docker save`'s manifest.json. */
interface SavedImage {
  readonly Config: string
  readonly RepoTags?: readonly string[] | null
  readonly Layers: readonly string[]
}

/** An OCI image layout, or what `docker save` has made, in a directory. */
export async function layoutSource(dir: string): Promise<ImageSource> {
  if (existsSync(join(dir, 'index.json'))) {
    return sourceOf(await readJson<Manifest>(join(dir, 'index.json')), layoutBlobs(dir))
  }
  if (existsSync(join(dir, 'manifest.json'))) return savedSource(dir)
  throw new ImageSourceError(
    `${dir} is no image: it has neither index.json (OCI layout) nor manifest.json (docker save)`,
  )
}

function layoutBlobs(dir: string): BlobReader {
  const fileOf = ({ digest }: Descriptor): string => {
    const match = /^(sha256|sha512):([0-9a-f]+)$/.exec(digest)
    if (!match) throw new ImageSourceError(`not a digest: ${digest}`)
    return join(dir, 'blobs', match[1] ?? '', match[2] ?? '')
  }
  return {
    document: (descriptor) => readFile(fileOf(descriptor)),
    stream: async (descriptor) => createReadStream(fileOf(descriptor)),
  }
}

async function savedSource(dir: string): Promise<ImageSource> {
  const images = await readJson<readonly SavedImage[]>(join(dir, 'manifest.json'))
  const [image] = images
  if (!image || images.length > 1) {
    const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []).join(', ')
    throw new ImageSourceError(
      `the archive holds ${images.length} images (${tags}); save one alone`,
    )
  }
  const config = await readFile(pathInside(dir, image.Config))
  const hex = /([0-9a-f]{64})(?:\.json)?$/.exec(image.Config)?.[1]
  if (hex === undefined) throw new ImageSourceError(`not a configuration: ${image.Config}`)
  return {
    digest: `sha256:${hex}`,
    config: JSON.parse(config.toString('utf8')),
    layers: image.Layers.map((layer) => async () => createReadStream(pathInside(dir, layer))),
  }
}

async function readJson<T>(path: string): Promise<T> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T
  } catch (error) {
    throw new ImageSourceError(`${path} cannot be read: ${(error as Error).message}`)
  }
}
