import { required } from '../base/assert.ts'
import { GitError } from './git-error.ts'
import { contentBytesMax, isObjectId, ObjectMemory } from './object-memory.ts'
import { inside, type Repository } from './repository.ts'
import { gitBytes, gitText } from './run-git.ts'

/** A file as a commit has it. */
export interface TreeEntry {
  /** Below the root, with `/`. */
  readonly path: string
  /** `100644`, `100755`, or `120000` for a symbolic link. */
  readonly mode: string
  /** The id of its content. */
  readonly blob: string
}

const lists = new ObjectMemory<readonly TreeEntry[]>()
const contents = new ObjectMemory<Buffer>()

/**
 * Everything below the paths at a commit, submodules aside, by path; nothing for a path that is not
 * there.
 */
export async function filesAt(
  repository: Repository,
  commit: string,
  paths: readonly string[],
): Promise<readonly TreeEntry[]> {
  const scope = paths.includes('') ? [] : paths
  const key = [commit, ...scope].join('\0')
  const known = lists.get(repository, key)
  if (known) return known
  const args = ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', commit, ...scope]
  const text = await gitText(args, inside(repository))
  const entries = text.split('\0').flatMap((line) => {
    const match = /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line)
    const [, mode, type, blob, path] = match ?? []
    return mode && blob && path && type === 'blob' ? [{ path, mode, blob }] : []
  })
  // A name that is no id may mean another commit the next time.
  if (isObjectId(commit)) lists.set(repository, key, entries)
  return entries
}

/** The bytes of a file as the commit has them, without any conversion of line ends. */
export async function contentAt(
  repository: Repository,
  commit: string,
  path: string,
): Promise<Buffer> {
  const [entry] = (await filesAt(repository, commit, [path])).filter((each) => each.path === path)
  if (!entry) throw new GitError('no-commit', `${path} is not in commit ${commit.slice(0, 12)}`)
  const [content] = await contentsOf(repository, [entry])
  return required(content, path)
}

/** The bytes of several files, in their order, without any conversion of line ends. */
export async function contentsOf(
  repository: Repository,
  entries: readonly Pick<TreeEntry, 'blob'>[],
): Promise<readonly Buffer[]> {
  const found = new Map(entries.map(({ blob }) => [blob, contents.get(repository, blob)]))
  const unknown = [...found].flatMap(([blob, content]) => (content ? [] : [blob]))
  for (const [blob, content] of await readBlobs(repository, unknown)) {
    found.set(blob, content)
    // A copy: the piece would keep the whole answer.
    if (content.length <= contentBytesMax) contents.set(repository, blob, Buffer.from(content))
  }
  return entries.map(({ blob }) => required(found.get(blob), `the content of ${blob}`))
}

/** `ID SP blob SP SIZE LF CONTENT LF` for each; git says `ID missing` of what it does not have. */
async function readBlobs(
  repository: Repository,
  blobs: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  if (blobs.length === 0) return new Map()
  const args = ['cat-file', '--batch']
  const answer = await gitBytes(args, inside(repository, { input: `${blobs.join('\n')}\n` }))
  const read = new Map<string, Buffer>()
  let at = 0
  for (const blob of blobs) {
    const lineEnd = answer.indexOf('\n', at)
    const line = answer.subarray(at, lineEnd).toString()
    const [, size] = /^[0-9a-f]+ blob (\d+)$/.exec(line) ?? []
    if (size === undefined) throw GitError.ofAnswer(args, line)
    read.set(blob, answer.subarray(lineEnd + 1, lineEnd + 1 + Number(size)))
    at = lineEnd + 2 + Number(size)
  }
  return read
}
