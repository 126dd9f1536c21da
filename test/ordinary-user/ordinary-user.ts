import { type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const nobody = 65_534
const repository = fileURLToPath(new URL('../..', import.meta.url))
const become = `setpriv --reuid ${nobody} --regid ${nobody} --clear-groups --`
/** Repository and Node where everybody finds them, for this command and its children alone. */
const bringAlong = `mount --bind "$1" "$2" && mount --bind "$3" "$4" && shift 4 && exec ${become} "$@"`

/**
 * Somebody without any right beyond his own directory: who runs this, or for root, nobody. What he
 * may not read where it lies is shown to him elsewhere.
 */
export class OrdinaryUser {
  readonly home = mkdtempSync(join(tmpdir(), 'astern-user-'))
  readonly #before: readonly string[]
  readonly #node: string
  readonly #repository: string

  constructor() {
    const isRoot = process.getuid?.() === 0
    this.own(this.home)
    const plain = isRoot ? become.split(' ') : []
    const [file = '', ...args] = [...plain, process.execPath, join(repository, 'bin/astern')]
    const canReach = spawnSync(file, [...args, '--version'], { cwd: '/' }).status === 0
    const at = (name: string) => join(this.home, name)
    this.#repository = canReach ? repository : at('repository')
    this.#node = canReach ? process.execPath : at('node')
    if (!canReach) {
      mkdirSync(at('repository'))
      writeFileSync(at('node'), '')
    }
    const binds = [repository, at('repository'), process.execPath, at('node')]
    this.#before = canReach
      ? plain
      : ['unshare', '--mount', '--', 'sh', '-c', bringAlong, 'sh', ...binds]
  }

  /** Why he can have no namespaces of his own on this machine; undefined: he can. */
  hindrance(): string | undefined {
    const trial = ['bwrap', '--unshare-pid', '--dev-bind', '/', '/', '--proc', '/proc', 'true']
    const [file = '', ...args] = [...this.#before, ...trial]
    const { status, stderr } = spawnSync(file, args, { cwd: '/', encoding: 'utf8' })
    return status === 0 ? undefined : stderr.trim()
  }

  /** Gives him a file. */
  own(path: string): void {
    if (process.getuid?.() === 0) chownSync(path, nobody, nobody)
  }

  /** Runs a program of the repository to its end; its exit code. */
  async run(program: string, ...args: readonly string[]): Promise<number | null> {
    const options: SpawnOptions = { ...this.#place(), stdio: ['ignore', 'inherit', 'inherit'] }
    const [file, ...rest] = this.#commandOf(program, args)
    const [code] = await once(spawn(file, rest, options), 'close')
    return code
  }

  /** The same, with what it prints. */
  ran(program: string, ...args: readonly string[]) {
    const [file, ...rest] = this.#commandOf(program, args)
    const { status, stdout, stderr } = spawnSync(file, rest, { ...this.#place(), encoding: 'utf8' })
    return { code: status, stdout, stderr }
  }

  #place() {
    const env = { PATH: process.env.PATH, HOME: this.home, TMPDIR: this.home, LANG: 'C.UTF-8' }
    return { cwd: this.home, env }
  }

  #commandOf(program: string, args: readonly string[]): readonly [string, ...string[]] {
    const command = [...this.#before, this.#node, join(this.#repository, program), ...args]
    return command as [string, ...string[]]
  }

  dispose(): void {
    rmSync(this.home, { recursive: true, force: true })
  }
}
