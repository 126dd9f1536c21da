import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A file of a volume. */
export interface VolumeFile {
  /** Relative, without `..`, as validation has it. */
  readonly path: string
  readonly content: Uint8Array
  /** Permission bits. */
  readonly mode: number
}

const dataLink = '..data'

/**
 * Makes `dir` hold exactly these files, all of them new at one moment, whoever reads meanwhile:
 * names lead through the link `..data`, which is replaced in one step. That is how a kubelet does
 * it, and what programs that watch `..data` rely on. `prepare` gets the directory of the new files
 * before anybody sees it.
 */
export async function writeAtomically(
  dir: string,
  files: readonly VolumeFile[],
  prepare: (fresh: string) => Promise<void> = async () => {},
): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o755 })
  const before = await readlink(join(dir, dataLink)).catch(() => undefined)
  if (before !== undefined && (await isSame(join(dir, before), files))) return
  const fresh = await mkdtemp(`${dir}/..files-`)
  await chmod(fresh, 0o755)
  for (const file of files) await writeNew(join(fresh, file.path), file)
  await prepare(fresh)
  const draft = join(dir, '..data_tmp')
  await rm(draft, { force: true })
  await symlink(fresh.slice(dir.length + 1), draft)
  await rename(draft, join(dir, dataLink))
  await linkNames(dir, files)
  if (before !== undefined) await rm(join(dir, before), { recursive: true, force: true })
}

async function writeNew(path: string, { content, mode }: VolumeFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 })
  await writeFile(path, content)
  await chmod(path, mode)
}

async function isSame(dir: string, files: readonly VolumeFile[]): Promise<boolean> {
  const there = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => [])
  if (there.filter((entry) => entry.isFile()).length !== files.length) return false
  for (const { path, content, mode } of files) {
    const known = await readFile(join(dir, path)).catch(() => undefined)
    if (!known || Buffer.compare(known, content) !== 0) return false
    if (((await stat(join(dir, path))).mode & 0o777) !== mode) return false
  }
  return true
}

/** One link per first component of a path; those that lead nowhere any more go. */
async function linkNames(dir: string, files: readonly VolumeFile[]): Promise<void> {
  const wanted = new Set(files.map(({ path }) => path.split('/')[0] ?? path))
  const there = (await readdir(dir)).filter((name) => !name.startsWith('..'))
  for (const name of there) {
    if (!wanted.delete(name)) await rm(join(dir, name), { force: true })
  }
  for (const name of wanted) await symlink(`${dataLink}/${name}`, join(dir, name))
}
