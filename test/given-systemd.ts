import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const startMsMax = 10_000
const pollMs = 50
const manager = '/usr/lib/systemd/systemd'
const bin = fileURLToPath(new URL('../bin', import.meta.url))
const run = promisify(execFile)

/**
 * In cgroups of its own, as it takes all that is in its cgroup for its own, and with a /run of its
 * own that says that systemd is running: a manager of a user's services wants that, and nothing
 * else of process 1.
 */
const start = `
  if [ -e /sys/fs/cgroup/cgroup.procs ]; then all=/sys/fs/cgroup; else all='/sys/fs/cgroup/*'; fi
  for one in $all; do
    { mkdir "$one/$1" && echo $$ >"$one/$1/cgroup.procs"; } 2>/dev/null
  done
  if grep -E '^[0-9]+:(name=systemd)?:' /proc/self/cgroup | grep -qv "/$1$"; then exit 1; fi
  mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && exec ${manager} --user`

/** Of what is mounted there, and what the manager has made below. */
const removeGroups = 'find /sys/fs/cgroup -depth -type d -path "*/$1*" -exec rmdir {} + 2>/dev/null'

/** A real systemd for services, on files of its own: the part that --user starts. */
export class GivenSystemd {
  readonly dir: string
  readonly #child: ChildProcess
  readonly #env: NodeJS.ProcessEnv

  private constructor(dir: string) {
    this.dir = dir
    const at = (name: string) => join(dir, name)
    for (const name of ['run', 'units', 'state']) mkdirSync(at(name), { mode: 0o700 })
    const path = [bin, dirname(process.execPath), process.env.PATH]
    this.#env = {
      PATH: path.join(delimiter),
      HOME: dir,
      XDG_RUNTIME_DIR: at('run'),
      SYSTEMD_UNIT_PATH: at('units'),
      // Up to systemd 253 a user's state is with his configuration.
      XDG_CONFIG_HOME: at('state'),
      XDG_STATE_HOME: at('state'),
    }
    for (const target of ['default', 'basic']) this.write(`${target}.target`, '[Unit]\n')
    const args = ['--mount', 'sh', '-c', start, 'sh', basename(dir)]
    this.#child = spawn('unshare', args, { env: this.#env, stdio: 'ignore' })
  }

  /** Not without systemd, or the right to mount. */
  static async canRun(): Promise<boolean> {
    if (spawnSync('sh', ['-c', `command -v ${manager} && command -v systemctl`]).status !== 0) {
      return false
    }
    return GivenSystemd.start().then(
      (given) => given.stop().then(() => true),
      () => false,
    )
  }

  static async start(): Promise<GivenSystemd> {
    const given = new GivenSystemd(mkdtempSync(join(tmpdir(), 'astern-systemd-')))
    const giveUpMs = performance.now() + startMsMax
    while (!(await given.#isUp())) {
      if (given.#child.exitCode !== null || performance.now() > giveUpMs) {
        await given.stop()
        throw new Error('systemd did not start')
      }
      await sleep(pollMs)
    }
    // Services are not given the manager's own: `astern` is the one of this checkout.
    await given.systemctl('import-environment', 'PATH')
    return given
  }

  /** What services call their state directory is here. */
  state(name: string): string {
    return join(this.dir, 'state', name)
  }

  write(unit: string, text: string): void {
    const file = join(this.dir, 'units', unit)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  async systemctl(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('systemctl', ['--user', ...args], { env: this.#env })
    return stdout.trim()
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child
    if (exitCode === null && signalCode === null) {
      const ended = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await ended
    }
    spawnSync('sh', ['-c', removeGroups, 'sh', basename(this.dir)])
    rmSync(this.dir, { recursive: true, force: true })
  }

  async #isUp(): Promise<boolean> {
    return this.systemctl('list-units').then(
      () => true,
      () => false,
    )
  }
}
