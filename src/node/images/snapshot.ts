import { createHash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'

/** What a snapshot consists of. */
export interface SnapshotContent {
  /** Hexadecimal SHA-256 over the canonical listing. */
  readonly digest: string
  readonly sizeBytes: number
}

/** A directory holds something that cannot be kept in an image. */
export class UnsupportedFile extends Error {
  override readonly name = 'UnsupportedFile'
}

/**
 * Copies a directory to `to` (which must not exist) so that nothing in it can be written any more.
 * Symbolic links are kept as they are; anything but files, directories and links is refused.
 */
export async function copyReadOnly(from: string, to: string): Promise<void> {
  await mkdir(to)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name)
    const target = join(to, entry.name)
    if (entry.isDirectory()) await copyReadOnly(source, target)
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target)
    else if (entry.isFile()) await copyFileReadOnly(source, target)
    else throw new UnsupportedFile(`neither file, directory nor symbolic link: ${source}`)
  }
  await chmod(to, 0o555)
}

async function copyFileReadOnly(source: string, target: string): Promise<void> {
  await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  const { mode } = await lstat(source)
  await chmod(target, (mode & 0o111) === 0 ? 0o444 : 0o555)
}

/**
 * The canonical listing has one line per entry in order of names: type and mode, path, content's
 * digest or link target. `configuration` is part of what is identified.
 */
export async function contentOf(dir: string, configuration: string): Promise<SnapshotContent> {
  const listing = createHash('sha256')
  let sizeBytes = 0
  const visit = async (relative: string): Promise<void> => {
    const names = (await readdir(join(dir, relative))).sort()
    for (const name of names) {
      const path = relative === '' ? name : `${relative}/${name}`
      const stat = await lstat(join(dir, path))
      const line = [(stat.mode & 0o170777).toString(8), path]
      if (stat.isFile()) line.push(await fileDigest(join(dir, path)))
      if (stat.isSymbolicLink()) line.push(await readlink(join(dir, path)))
      if (stat.isFile()) sizeBytes += stat.size
      listing.update(`${JSON.stringify(line)}\n`)
      if (stat.isDirectory()) await visit(path)
    }
  }
  await visit('')
  return { digest: listing.update(configuration).digest('hex'), sizeBytes }
}

async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Deletes what `copyReadOnly` made, or a part of it. */
export async function deleteSnapshot(path: string): Promise<void> {
  await makeWritable(path).catch(() => {})
  await rm(path, { recursive: true, force: true })
}

async function makeWritable(dir: string): Promise<void> {
  await chmod(dir, 0o700)
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(dir, entry.name))
  }
}
