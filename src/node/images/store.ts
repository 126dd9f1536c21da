import { existsSync, readFileSync } from 'node:fs'
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { ImageUnavailable } from '../runtime.ts'
import { type ImageConfig, imageConfig } from './oci/image-config.ts'
import { type ImageSource, ImageSourceError } from './oci/source.ts'
import { TarError } from './oci/tar.ts'
import { unpackImage } from './oci/unpack-image.ts'
import { familiarReference, fullReference } from './reference.ts'
import { contentOf, copyReadOnly, deleteSnapshot } from './snapshot.ts'

/** What a reference means at present. */
export interface Image {
  /** The short form: `app:latest`. */
  readonly reference: string
  /** `sha256:…` over content and command. */
  readonly digest: string
  /** What runs when the container names nothing; may be empty. */
  readonly command: readonly string[]
  readonly sizeBytes: number
  /** For an OCI image, whose directory is its containers' root. */
  readonly oci?: ImageConfig
  /** The read-only directory with its content; a missing one was deleted behind our back. */
  readonly root: string
}

/** An image cannot be added, or removed, as asked; the message is for the user. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
}

type StoredImage = Omit<Image, 'root'>

const digestPrefix = 'sha256:'

/**
 * The images of a data directory: `images/sha256/<hex>` are snapshots, which never change;
 * `images/refs/<name>` say what a reference means, each replaced in one step. Several processes may
 * use it at once.
 */
export class ImageStore {
  readonly #dir: string
  readonly #dataDir: string

  constructor(dataDir: string) {
    this.#dataDir = dataDir
    this.#dir = join(dataDir, 'images')
  }

  /**
   * Copies `dir` (once per content) and makes `reference` mean it. `command` is what `astern image
   * add` got after `--`. Rejects with ImageError.
   */
  async add(reference: string, dir: string, command: readonly string[] = []): Promise<Image> {
    const full = referenceOf(reference)
    await this.#checkSource(dir)
    await this.#makeDirectories()
    const stored = await this.#snapshot(dir, { reference: familiarReference(full), command })
    await this.#writeRef(full, stored)
    return { ...stored, root: this.#root(stored.digest) }
  }

  /**
   * Unpacks an OCI image (once per content) and makes `reference` mean it. Rejects with ImageError.
   */
  async load(reference: string, source: ImageSource): Promise<Image> {
    const full = referenceOf(reference)
    await this.#makeDirectories()
    const { digest } = source
    const known = (await this.list()).find((image) => image.digest === digest)
    const isThere = known !== undefined && existsSync(known.root)
    const sizeBytes = isThere ? known.sizeBytes : await this.#unpack(source)
    const oci = imageConfig(source.config)
    const command = [...oci.entrypoint, ...oci.cmd]
    const stored = { reference: familiarReference(full), digest, command, sizeBytes, oci }
    await this.#writeRef(full, stored)
    return { ...stored, root: this.#root(digest) }
  }

  /** undefined when nothing is known by that name, or it is none. */
  async find(reference: string): Promise<Image | undefined> {
    const full = fullReference(reference)
    return full === undefined ? undefined : this.#readRef(encodeURIComponent(full))
  }

  /** Rejects with ImageUnavailable, whose message says what to do. */
  async get(reference: string): Promise<Image> {
    const found = await this.find(reference)
    if (found) return found
    if (fullReference(reference) === undefined) {
      throw new ImageUnavailable(
        `couldn't parse image name "${reference}": invalid reference format`,
        'InvalidImageName',
      )
    }
    throw new ImageUnavailable(
      `image "${reference}" is not here; add it with: astern image add ${reference} DIR -- CMD, or astern image load ${reference} SOURCE`,
    )
  }

  /** In order of reference. */
  async list(): Promise<readonly Image[]> {
    const files = await readdir(join(this.#dir, 'refs')).catch(() => [])
    return files
      .map((file) => this.#readRef(file))
      .filter((image) => image !== undefined)
      .sort((a, b) => (a.reference < b.reference ? -1 : 1))
  }

  /**
   * Forgets the reference, and deletes the snapshots that no reference means and that are not in
   * `digestsInUse` (by containers that run or may run again); where those are unknown, none.
   */
  async remove(reference: string, digestsInUse: ReadonlySet<string> | 'unknown'): Promise<void> {
    const full = fullReference(reference)
    const file = full && join(this.#dir, 'refs', encodeURIComponent(full))
    if (file === undefined || !existsSync(file)) {
      throw new ImageError(`no such image: ${reference}; astern image ls shows what is there`)
    }
    await rm(file)
    if (digestsInUse !== 'unknown') await this.#deleteUnused(digestsInUse)
  }

  /** Not before it is known what for: nothing is left of what was refused. */
  async #makeDirectories(): Promise<void> {
    for (const name of ['sha256', 'refs']) {
      await mkdir(join(this.#dir, name), { recursive: true, mode: 0o700 })
    }
  }

  async #unpack(source: ImageSource): Promise<number> {
    const work = await mkdtemp(join(this.#dir, 'adding-'))
    try {
      const root = join(work, 'root')
      await mkdir(root)
      const sizeBytes = await unpackImage(source, root)
      if (!existsSync(this.#root(source.digest))) await this.#publish(root, source.digest)
      return sizeBytes
    } catch (error) {
      if (!(error instanceof ImageSourceError) && !(error instanceof TarError)) throw error
      throw new ImageError(error.message, { cause: error })
    } finally {
      await deleteSnapshot(work)
    }
  }

  async #deleteUnused(digestsInUse: ReadonlySet<string>): Promise<void> {
    const referenced = new Set((await this.list()).map(({ digest }) => digest))
    for (const hex of await readdir(join(this.#dir, 'sha256'))) {
      const digest = `${digestPrefix}${hex}`
      if (!referenced.has(digest) && !digestsInUse.has(digest)) {
        await deleteSnapshot(this.#root(digest))
      }
    }
  }

  async #checkSource(dir: string): Promise<void> {
    const found = await stat(dir).catch(() => undefined)
    if (!found) throw new ImageError(`no such directory: ${dir}`)
    if (!found.isDirectory()) throw new ImageError(`not a directory: ${dir}`)
    const source = await realpath(dir)
    const data = await realPlaceOf(this.#dataDir)
    if (data === source || data.startsWith(source + sep)) {
      throw new ImageError(
        `${dir} contains Astern's own data (${data}): choose a directory below it`,
      )
    }
  }

  /** What is identified is the copy: the source may change while it is copied. */
  async #snapshot(
    dir: string,
    { reference, command }: Pick<StoredImage, 'reference' | 'command'>,
  ): Promise<StoredImage> {
    const work = await mkdtemp(join(this.#dir, 'adding-'))
    try {
      const copy = join(work, 'copy')
      await copyReadOnly(dir, copy)
      const content = await contentOf(copy, JSON.stringify({ command }))
      const digest = `${digestPrefix}${content.digest}`
      if (!existsSync(this.#root(digest))) await this.#publish(copy, digest)
      return { reference, digest, command, sizeBytes: content.sizeBytes }
    } finally {
      await deleteSnapshot(work)
    }
  }

  /** Whoever may not write a directory may not move it either: it is closed when it is in place. */
  async #publish(copy: string, digest: string): Promise<void> {
    await chmod(copy, 0o755)
    await rename(copy, this.#root(digest))
    await chmod(this.#root(digest), 0o555)
  }

  async #writeRef(full: string, stored: StoredImage): Promise<void> {
    const draftDir = await mkdtemp(join(this.#dir, 'adding-'))
    const draft = join(draftDir, 'ref')
    await writeFile(draft, JSON.stringify(stored), { mode: 0o600 })
    await rename(draft, join(this.#dir, 'refs', encodeURIComponent(full)))
    await rm(draftDir, { recursive: true })
  }

  #readRef(file: string): Image | undefined {
    try {
      const text = readFileSync(join(this.#dir, 'refs', basename(file)), 'utf8')
      const stored = JSON.parse(text) as StoredImage
      return { ...stored, root: this.#root(stored.digest) }
    } catch {
      return undefined
    }
  }

  #root(digest: string): string {
    return join(this.#dir, 'sha256', digest.slice(digestPrefix.length))
  }
}

/** The full form. Throws ImageError. */
function referenceOf(reference: string): string {
  const full = fullReference(reference)
  if (full === undefined) throw new ImageError(`invalid image reference "${reference}"`)
  return full
}

/** The path without symbolic links, of what is there or is to be. */
async function realPlaceOf(path: string): Promise<string> {
  const above = dirname(path)
  if (existsSync(path) || above === path) return realpath(path)
  return join(await realPlaceOf(above), basename(path))
}
