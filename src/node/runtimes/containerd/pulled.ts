import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import type { Clock } from '../../../base/clock.ts'
import type { PulledImage, PulledImages } from '../../runtime.ts'
import type { CriClient } from './cri/client.ts'
import type { CriMessage } from './cri/messages.ts'
import { ifThere } from './if-there.ts'

/** What is written down of one image. */
interface Entry {
  readonly references: readonly string[]
  readonly atMs: number
}

export interface PulledOptions {
  readonly cri: CriClient
  readonly clock: Clock
  /** Where it is written down which images came by this engine. */
  readonly path: string
}

/**
 * The images that this engine has pulled. containerd's others are somebody else's; and one of these
 * is, too, once it has a name that did not come by this engine.
 */
export class Pulled implements PulledImages {
  readonly #options: PulledOptions
  readonly #byId: Map<string, Entry>

  constructor(options: PulledOptions) {
    this.#options = options
    this.#byId = new Map(Object.entries(recordsIn(options.path)))
  }

  /** A pull has brought what was not there before. */
  add(imageId: string, reference: string): void {
    const references = this.#byId.get(imageId)?.references ?? []
    if (references.includes(reference)) return
    const atMs = this.#options.clock.now()
    this.#byId.set(imageId, { references: [...references, reference], atMs })
    this.#write()
  }

  async list(): Promise<readonly PulledImage[]> {
    const { cri } = this.#options
    const [{ images }, { containers }] = await Promise.all([
      cri.call('ListImages', {}),
      cri.call('ListContainers', {}),
    ])
    const used = new Set((containers ?? []).map(({ imageRef }) => imageRef))
    return (images ?? []).flatMap((image) => this.#ours(image, used) ?? [])
  }

  async remove({ imageId }: PulledImage): Promise<void> {
    await ifThere(this.#options.cri.call('RemoveImage', { image: { image: imageId } }))
    this.#byId.delete(imageId)
    this.#write()
  }

  async disk(): Promise<{ readonly freeBytes: number; readonly bytes: number }> {
    const { imageFilesystems } = await this.#options.cri.call('ImageFsInfo', {})
    const { bavail, blocks, bsize } = await statfs(imageFilesystems?.[0]?.fsId?.mountpoint ?? '/')
    return { freeBytes: bavail * bsize, bytes: blocks * bsize }
  }

  #ours(image: CriMessage<'Image'>, used: ReadonlySet<unknown>): PulledImage | undefined {
    const { id = '', repoTags, size, pinned } = image
    const record = this.#byId.get(id ?? '')
    const isOurs = repoTags?.every((tag) => record?.references.includes(tag))
    if (!id || !record || !isOurs || pinned) return undefined
    // A tag that has moved on is another image's now; a digest stays.
    const digests = record.references.filter((reference) => reference.includes('@'))
    const references = [...(repoTags ?? []), ...digests]
    const isUsed = [id, ...references, ...(image.repoDigests ?? [])].some((name) => used.has(name))
    return { imageId: id, references, sizeBytes: size ?? 0, pulledAtMs: record.atMs, isUsed }
  }

  #write(): void {
    const { path } = this.#options
    writeFileSync(`${path}.new`, JSON.stringify(Object.fromEntries(this.#byId)), { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }
}

/** None where nothing is written, or nothing that can be read: those images are then left alone. */
function recordsIn(path: string): Readonly<Record<string, Entry>> {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return {}
  }
}
