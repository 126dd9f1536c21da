import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What `npm run build` has made, as users run it. */
const command = fileURLToPath(new URL('../bin/astern', import.meta.url))
const run = promisify(execFile)

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** `astern ARGS` as a process of its own. */
export async function astern(...args: readonly string[]): Promise<Ran> {
  try {
    return { code: 0, ...(await run(process.execPath, [command, ...args])) }
  } catch (error) {
    const { code, stdout, stderr } = error as Ran
    return { code, stdout, stderr }
  }
}

/** `astern up` in the foreground, as a process that can be killed. */
export class EngineProcess {
  readonly kubeconfig: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, kubeconfig: string) {
    this.#child = child
    this.kubeconfig = kubeconfig
  }

  /** Resolves when it says that it is up. */
  static start(dataDir: string, ...flags: readonly string[]): Promise<EngineProcess> {
    return EngineProcess.startBy((...words) => words, { dataDir, flags })
  }

  /** `by`: what runs a command line, and becomes it. */
  static async startBy(
    by: (...words: readonly string[]) => readonly string[],
    { dataDir, flags }: { readonly dataDir: string; readonly flags: readonly string[] },
  ): Promise<EngineProcess> {
    const up = [command, 'up', '--data', dataDir, '--listen', '127.0.0.1:0', '-o', 'json']
    const [file = '', ...args] = by(process.execPath, ...up, ...flags)
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: child.stdout })
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the engine ended with ${code} before it was up`)
    })
    ended.catch(() => {})
    const [line] = await Promise.race([once(lines, 'line'), ended])
    return new EngineProcess(child, JSON.parse(line as string).kubeconfig)
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill(signal)
    await exited
  }
}
