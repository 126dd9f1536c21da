import { appendFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openRepository, type Repository } from './repository.ts'
import { gitText } from './run-git.ts'

/** A real repository in a temporary folder, with a bare remote `origin` beside it. */
export class GivenRepository {
  readonly folder: string
  readonly repository: Repository
  #commits = 0

  private constructor(folder: string, repository: Repository) {
    this.folder = folder
    this.repository = repository
  }

  static async create(): Promise<GivenRepository> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'astern-git-')))
    const root = join(folder, 'work')
    const remote = join(folder, 'remote.git')
    await gitText(['init', '--quiet', '--bare', '-b', 'main', remote], { cwd: folder })
    await appendFile(join(remote, 'config'), quiet)
    await gitText(['init', '--quiet', '-b', 'main', root], { cwd: folder })
    await identify(root)
    const origin = `[remote "origin"]\n\turl = ${remote}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`
    await appendFile(join(root, '.git/config'), origin)
    return new GivenRepository(folder, await openRepository(root))
  }

  git(...args: string[]): Promise<string> {
    return gitText(args, { cwd: this.repository.root })
  }

  path(below: string): string {
    return join(this.repository.root, below)
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(this.path(path)), { recursive: true })
      await writeFile(this.path(path), content)
    }
  }

  /** Commits everything, an hour after the one before; its id. */
  async commit(files: Readonly<Record<string, string>>, message = 'change'): Promise<string> {
    await this.write(files)
    await this.git('add', '-A')
    const date = new Date(Date.UTC(2026, 0, 1, this.#commits++)).toISOString()
    const env = { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date }
    const args = ['commit', '--quiet', '--allow-empty', '-m', message]
    await gitText(args, { cwd: this.repository.root, env })
    return this.git('rev-parse', 'HEAD')
  }

  async push(): Promise<void> {
    await this.git('push', '--quiet', '-u', 'origin', 'main')
  }

  /** What the remote's branch has. */
  remoteHead(branch = 'main'): Promise<string> {
    return gitText(['rev-parse', branch], { cwd: join(this.folder, 'remote.git') })
  }

  /** Another clone of the remote: a colleague's. */
  async clone(...options: string[]): Promise<Repository> {
    const root = join(this.folder, `clone-${this.#commits++}`)
    const from = `file://${join(this.folder, 'remote.git')}`
    await gitText(['clone', '--quiet', ...options, from, root], { cwd: this.folder })
    await identify(root)
    return openRepository(root)
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Nobody cleans up behind a command: a process more for each. */
const quiet = '[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[receive]\n\tautoGC = false\n'

/** Written as text: as commands it would be a process for each line. */
async function identify(root: string): Promise<void> {
  const user = '[user]\n\tname = Ada\n\temail = ada@example.com\n[core]\n\tautocrlf = false\n'
  await appendFile(join(root, '.git/config'), `${user}${quiet}`)
}
