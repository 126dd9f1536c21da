import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'

export interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface GivenClientOptions {
  /** The namespace it works in; it has to exist. */
  readonly namespace: string
  /** Of the engine. */
  readonly kubeconfig: string
  /** Commands by the name under which they are called. */
  readonly commands: Readonly<Record<string, string>>
  /** Copied into its directory. */
  readonly files: URL
}

/** A client in a directory and a namespace of its own, which calls its commands by plain names. */
export class GivenClient {
  readonly #dir: string
  readonly #env: NodeJS.ProcessEnv

  private constructor(dir: string) {
    this.#dir = dir
    this.#env = {
      PATH: [join(dir, 'bin'), process.env.PATH].join(delimiter),
      HOME: dir,
      KUBECONFIG: join(dir, 'kubeconfig'),
      TZ: 'UTC',
    }
  }

  static async start(options: GivenClientOptions): Promise<GivenClient> {
    const dir = await mkdtemp(join(tmpdir(), 'astern-client-'))
    const client = new GivenClient(dir)
    await mkdir(join(dir, 'bin'))
    for (const [name, path] of Object.entries(options.commands)) {
      await symlink(path, join(dir, 'bin', name))
    }
    await cp(fileURLToPath(options.files), dir, { recursive: true })
    const config = parse(await readFile(options.kubeconfig, 'utf8'))
    config.contexts[0].context.namespace = options.namespace
    await writeFile(join(dir, 'kubeconfig'), stringify(config), { mode: 0o600 })
    return client
  }

  /** Runs a line of the shell in its directory, for at most a minute and a half. */
  run(line: string): Promise<Output> {
    const child = spawn('sh', ['-c', line], { cwd: this.#dir, env: this.#env, timeout: 90_000 })
    child.stdin.end()
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
    })
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }))
    })
  }

  async stop(): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true })
  }
}
