import { GitError } from './git-error.ts'
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
  const args = ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', commit, ...scope]
  const text = await gitText(args, inside(repository))
  return text.split('\0').flatMap((line) => {
    const match = /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line)
    const [, mode, type, blob, path] = match ?? []
    return mode && blob && path && type === 'blob' ? [{ path, mode, blob }] : []
  })
}

/** The bytes of a file as the commit has them, without any conversion of line ends. */
export async function contentAt(
  repository: Repository,
  commit: string,
  path: string,
): Promise<Buffer> {
  const [entry] = (await filesAt(repository, commit, [path])).filter((each) => each.path === path)
  if (!entry) throw new GitError('no-commit', `${path} is not in commit ${commit.slice(0, 12)}`)
  return gitBytes(['cat-file', 'blob', entry.blob], inside(repository))
}
