import { chmod, chown, mkdir, open, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import type { HostPathVolumeSource } from '../../api/generated/types.ts'
import { VolumeFailed } from './volume-files.ts'

type Kind = 'directory' | 'file' | 'socket' | 'character device' | 'block device'

const kindOfType: Readonly<Record<string, Kind>> = {
  DirectoryOrCreate: 'directory',
  Directory: 'directory',
  FileOrCreate: 'file',
  File: 'file',
  Socket: 'socket',
  CharDevice: 'character device',
  BlockDevice: 'block device',
}

/** True for the directory itself, too. Both paths are absolute and normal. */
export function isWithin(dir: string, path: string): boolean {
  const between = relative(dir, path)
  return between === '' || (!between.startsWith('..') && !isAbsolute(between))
}

/**
 * The real path of a hostPath volume, made if its type asks for that; without a type a missing one
 * becomes a directory, as container runtimes do it. Rejects with VolumeFailed for what is of
 * another type, and for anything in `hiddenDir`.
 */
export async function hostDirectory(
  { path, type = '' }: HostPathVolumeSource,
  hiddenDir: string,
): Promise<string> {
  if (isWithin(hiddenDir, path)) throw hidden(path)
  const kind = kindOfType[type]
  const found = await kindOf(path)
  if (found === undefined && type === 'FileOrCreate') await (await open(path, 'a', 0o644)).close()
  else if (found === undefined && (type === '' || type === 'DirectoryOrCreate')) {
    await mkdir(path, { recursive: true, mode: 0o755 })
  } else if (found === undefined || (kind !== undefined && found !== kind)) {
    throw new VolumeFailed(`hostPath type check failed: ${path} is not a ${kind}`)
  }
  const real = await realpath(path)
  if (isWithin(hiddenDir, real)) throw hidden(path)
  return real
}

function hidden(path: string): VolumeFailed {
  return new VolumeFailed(`${path} is in Astern's own data, which no pod sees`)
}

async function kindOf(path: string): Promise<Kind | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return undefined
  if (found.isDirectory()) return 'directory'
  if (found.isSocket()) return 'socket'
  if (found.isCharacterDevice()) return 'character device'
  return found.isBlockDevice() ? 'block device' : 'file'
}

/** A pod's own directory, which all users may write: containers may run as any. */
export async function emptyDirectory(path: string, group?: number): Promise<void> {
  await mkdir(path, { recursive: true })
  if (group !== undefined) await chown(path, (await stat(path)).uid, group)
  await chmod(path, group === undefined ? 0o777 : 0o2777)
}

/**
 * A path inside a volume, made when `canCreate`; what leads out of the volume, by whatever links,
 * is refused. Rejects with VolumeFailed.
 */
export async function subPathOf(
  volumeDir: string,
  subPath: string,
  { canCreate }: { readonly canCreate: boolean },
): Promise<string> {
  const root = await realpath(volumeDir)
  let at = root
  for (const name of subPath.split('/').filter((part) => part !== '' && part !== '.')) {
    if (name === '..') throw new VolumeFailed(`subPath "${subPath}" must not contain '..'`)
    const next = join(at, name)
    const found = await realpath(next).catch(() => undefined)
    if (found === undefined && !canCreate) {
      throw new VolumeFailed(`subPath "${subPath}" is not in the volume`)
    }
    if (found === undefined) await mkdir(next, { mode: 0o750 })
    at = found ?? next
    if (!isWithin(root, at)) throw new VolumeFailed(`subPath "${subPath}" leads out of the volume`)
  }
  return at
}
