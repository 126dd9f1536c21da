import type { ConfigObject } from './image-config.ts'

/** An image before it is unpacked. */
export interface ImageSource {
  /** `sha256:…` of the configuration, which names the content of all layers. */
  readonly digest: string
  readonly config: ConfigObject
  /** From the lowest to the highest; as they come, compressed or not. */
  readonly layers: readonly (() => Promise<AsyncIterable<Buffer>>)[]
}

/** What is there is no image, or none for this machine; the message is for the user. */
export class ImageSourceError extends Error {
  override readonly name = 'ImageSourceError'
}

/** A pointer to content (OCI image-spec, descriptor.md). */
export interface Descriptor {
  readonly mediaType?: string
  readonly digest: string
  readonly size?: number
  readonly platform?: {
    readonly os?: string
    readonly architecture?: string
    readonly variant?: string
  }
}

/** An image manifest or, with `manifests`, an index of them. */
export interface Manifest {
  readonly mediaType?: string
  readonly config?: Descriptor
  readonly layers?: readonly Descriptor[]
  readonly manifests?: readonly Descriptor[]
}

export const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }

/** Content by digest, checked by whoever reads it. */
export interface BlobReader {
  /** A small one, such as a manifest or a configuration. */
  document(descriptor: Descriptor): Promise<Buffer>
  stream(descriptor: Descriptor): Promise<AsyncIterable<Buffer>>
}

/** Follows a manifest, or an index to the manifest for this machine, to the image's parts. */
export async function sourceOf(start: Manifest, blobs: BlobReader): Promise<ImageSource> {
  let manifest = start
  for (let depth = 0; manifest.manifests !== undefined; depth++) {
    if (depth > 4) throw new ImageSourceError('the index of images leads from one to the next')
    const chosen = forThisMachine(manifest.manifests)
    manifest = JSON.parse((await blobs.document(chosen)).toString('utf8')) as Manifest
  }
  const { config, layers } = manifest
  if (!config || !layers)
    throw new ImageSourceError('the manifest names no configuration or layers')
  const content = JSON.parse((await blobs.document(config)).toString('utf8')) as ConfigObject
  return {
    digest: config.digest,
    config: content,
    layers: layers.map((layer) => () => blobs.stream(layer)),
  }
}

function forThisMachine(manifests: readonly Descriptor[]): Descriptor {
  const architecture = architectures[process.arch] ?? process.arch
  const usable = manifests.filter(({ mediaType }) => !mediaType || isManifest(mediaType))
  const found =
    usable.find(
      ({ platform }) => platform?.os === 'linux' && platform.architecture === architecture,
    ) ?? usable.find(({ platform }) => platform === undefined)
  if (found) return found
  const there = usable.map(({ platform }) => `${platform?.os}/${platform?.architecture}`).join(', ')
  throw new ImageSourceError(
    `there is no image for linux/${architecture}, only for ${there || 'nothing'}`,
  )
}

function isManifest(mediaType: string): boolean {
  return (manifestTypes as readonly string[]).includes(mediaType)
}
