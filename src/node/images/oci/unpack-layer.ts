import { createWriteStream, lstatSync } from 'node:fs'
import { chmod, link, mkdir, readdir, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pathInside } from './inside.ts'
import { readTar, type TarEntry } from './tar.ts'

const whiteout = '.wh.'
const opaque = '.wh..wh..opq'

/**
 * Puts a layer's files over what is in `root`: deletions first said as `.wh.NAME`, hard links,
 * links that stay as they are. No entry leads out of `root`, by whatever links it or an earlier
 * layer has brought. Owners, devices and set-user-id bits are left out: the files are the engine's
 * user's. Returns the number of bytes of files.
 */
export async function unpackLayer(root: string, tar: AsyncIterable<Buffer>): Promise<number> {
  let sizeBytes = 0
  /** Of this layer: an opaque directory hides only what lower layers have in it. */
  const own = new Set<string>()
  const directories = new Map<string, number>()
  for await (const entry of readTar(tar)) {
    const path = pathInside(root, entry.path, { isLinkKept: true })
    if (path === root) continue
    const name = basename(path)
    if (name === opaque) await empty(dirname(path), own)
    else if (name.startsWith(whiteout)) {
      await rm(join(dirname(path), name.slice(whiteout.length)), { recursive: true, force: true })
    } else {
      await mkdir(dirname(path), { recursive: true })
      await put(root, path, entry)
      own.add(path)
      if (entry.type === 'directory') directories.set(path, entry.mode)
      if (entry.type === 'file') sizeBytes += entry.size
    }
  }
  // Last: a directory that its owner must not write has been written until now.
  for (const [path, mode] of directories) await chmod(path, (mode & 0o1777) | 0o700).catch(() => {})
  return sizeBytes
}

async function put(root: string, path: string, entry: TarEntry): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  const stays = found?.isDirectory() && entry.type === 'directory'
  if (found && !stays) await rm(path, { recursive: true, force: true })
  switch (entry.type) {
    case 'directory':
      await mkdir(path, { recursive: true })
      return
    case 'file':
      await pipeline(entry.content, createWriteStream(path, { flags: 'wx' }))
      await chmod(path, (entry.mode & 0o777) | 0o400)
      return
    case 'symlink':
      await symlink(entry.linkPath, path)
      return
    case 'link':
      await link(pathInside(root, entry.linkPath, { isLinkKept: true }), path)
      return
    case 'other':
  }
}

async function empty(dir: string, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) {
    const path = join(dir, name)
    const isKept = [...kept].some((own) => own === path || own.startsWith(`${path}/`))
    if (!isKept) await rm(path, { recursive: true, force: true })
  }
}
