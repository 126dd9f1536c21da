import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

const isRoot = process.getuid?.() === 0
/** Without root, in a user namespace of its own. */
const unshare = isRoot ? ['--net'] : ['--user', '--map-root-user', '--net']
const enter = isRoot ? ['--net'] : ['--user', '--preserve-credentials', '--net']

/** A container may lack the capability. */
export const canMakeNamespaces =
  spawnSync('unshare', [...unshare, 'ip', 'link', 'set', 'lo', 'up']).status === 0

/** A network of the test's own, in which this machine has one address more. */
export class NetworkNamespace {
  readonly #holder: ChildProcess

  private constructor(holder: ChildProcess) {
    this.#holder = holder
  }

  static async with(address: string): Promise<NetworkNamespace> {
    const prepare = `ip link set lo up && ip addr add ${address}/32 dev lo && echo up && exec cat`
    const stdio: ['pipe', 'pipe', 'inherit'] = ['pipe', 'pipe', 'inherit']
    const holder = spawn('unshare', [...unshare, 'sh', '-c', prepare], { stdio })
    const ended = once(holder, 'exit').then(() => {
      throw new Error('no network namespace could be made')
    })
    await Promise.race([once(holder.stdout, 'data'), ended])
    ended.catch(() => {})
    return new NetworkNamespace(holder)
  }

  /** What runs `command` in it. */
  command(...command: readonly string[]): readonly string[] {
    return ['nsenter', '--target', String(this.#holder.pid), ...enter, ...command]
  }

  /** It is gone when those who run in it have ended, too. */
  async end(): Promise<void> {
    const gone = once(this.#holder, 'exit')
    this.#holder.stdin?.end()
    await gone
  }
}
