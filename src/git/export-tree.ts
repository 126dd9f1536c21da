import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inside, type Repository } from './repository.ts'
import { gitText } from './run-git.ts'

/**
 * Writes everything that a commit has into a folder of its own, hands that to `use`, and takes it
 * away again; for programs that read files. Neither the user's index nor his files are touched.
 */
export async function withTreeOf<T>(
  repository: Repository,
  commit: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'astern-tree-'))
  try {
    const env = { GIT_INDEX_FILE: join(folder, 'index') }
    const git = (...args: readonly string[]) => gitText(args, inside(repository, { env }))
    await git('read-tree', '--end-of-options', commit)
    const tree = join(folder, 'tree')
    await git('checkout-index', '--all', `--prefix=${tree}/`)
    return await use(tree)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
