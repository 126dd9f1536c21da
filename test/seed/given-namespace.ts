import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { helmBinary, type KubectlVersion, kubectlBinary } from '../kubectl-binary.ts'

export interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface KubectlOptions {
  /** Default: 1.36. */
  readonly version?: KubectlVersion
  readonly stdin?: string
}

interface Place {
  readonly name: string
  /**
   * Where kubectl runs and `file` writes: manifests have names without a path, as in the article.
   */
  readonly dir: string
  readonly kubeconfig: string
  readonly home: string
  /** How long a rollout may take; default half a minute. */
  readonly patienceMs?: number
}

/** Parsed JSON as kubectl printed it: read without a model, as one reads it with jq. */
export type Printed = ReturnType<typeof JSON.parse>

const patienceMsDefault = 20_000
const rolloutMsDefault = 30_000

/**
 * Resolves when `expectation` no longer throws; at the deadline rejects with what it threw last.
 */
export async function eventually<T>(
  expectation: () => T | Promise<T>,
  patienceMs = patienceMsDefault,
): Promise<T> {
  const deadlineMs = performance.now() + patienceMs
  for (;;) {
    try {
      return await expectation()
    } catch (error) {
      if (performance.now() > deadlineMs) throw error
    }
    await pause(50)
  }
}

/** One namespace of an engine, seen through stock kubectl. */
export class GivenNamespace {
  readonly name: string
  readonly dir: string
  readonly #env: NodeJS.ProcessEnv
  readonly #running = new Set<ChildProcess>()
  readonly #rolloutMs: number

  constructor({ name, dir, kubeconfig, home, patienceMs = rolloutMsDefault }: Place) {
    this.name = name
    this.#rolloutMs = patienceMs
    this.dir = dir
    this.#env = { ...process.env, HOME: home, KUBECONFIG: kubeconfig, TZ: 'UTC' }
  }

  /** Runs kubectl; a command in one string is parted at its blanks. */
  async kubectl(
    command: string | readonly string[],
    options: KubectlOptions = {},
  ): Promise<Output> {
    return outputOf(this.#spawn(command, options.version), options.stdin)
  }

  /** Runs Helm, which like kubectl has to be told of the namespace here. */
  async helm(major: 3 | 4, args: readonly string[]): Promise<string> {
    const all = ['--namespace', this.name, ...args]
    const { code, stdout, stderr } = await outputOf(this.#start(helmBinary(major), all, 'helm'))
    if (code === 0) return stdout
    throw new Error(`helm ${args.join(' ')}: exit ${code}: ${stdout}${stderr}`)
  }

  /** The standard output of a command that must succeed; warnings are allowed. */
  async run(command: string | readonly string[], options?: KubectlOptions): Promise<string> {
    const { code, stdout, stderr } = await this.kubectl(command, options)
    if (code === 0) return stdout
    throw new Error(`kubectl ${[command].flat().join(' ')}: exit ${code}: ${stdout}${stderr}`)
  }

  /** `kubectl get … -o json`. */
  async get(what: string): Promise<Printed> {
    return JSON.parse(await this.run(`get ${what} -o json`))
  }

  /** Writes a file into the directory in which kubectl runs. */
  async file(name: string, content: string): Promise<void> {
    await writeFile(join(this.dir, name), content)
  }

  /** Applies a manifest and waits until its Deployment has been rolled out. */
  async rollOut(manifest: string, deployment = 'deployment/app'): Promise<void> {
    await this.run('apply -f -', { stdin: manifest })
    await this.rolledOut(deployment)
  }

  async rolledOut(deployment = 'deployment/app'): Promise<void> {
    await this.run(`rollout status ${deployment} --timeout=${this.#rolloutMs / 1000}s`)
  }

  /** Changes the image of the container `app` and waits for the end of the rollout. */
  async setImage(tag: string, deployment = 'deployment/app'): Promise<void> {
    await this.run(`set image ${deployment} app=learnk8s/app:${tag}`)
    await this.rolledOut(deployment)
  }

  /** `kubectl get … -w` from now on: every event in the order in which it happened. */
  async watch(what: string): Promise<Watch> {
    const child = this.#spawn(`get ${what} -w --output-watch-events -o json`)
    const watch = new Watch(child)
    await watch.begun
    return watch
  }

  async close(): Promise<void> {
    const ended = [...this.#running].map((child) => once(child, 'close'))
    for (const child of this.#running) child.kill('SIGKILL')
    await Promise.all(ended)
  }

  #spawn(command: string | readonly string[], version?: KubectlVersion): ChildProcess {
    const args = typeof command === 'string' ? command.split(/\s+/) : [...command]
    // `--record` writes down by what name the program was called (G-10).
    return this.#start(kubectlBinary(version), args, 'kubectl')
  }

  #start(program: string, args: readonly string[], argv0: string): ChildProcess {
    const child = spawn(program, args, { argv0, env: this.#env, cwd: this.dir })
    this.#running.add(child)
    child.once('close', () => this.#running.delete(child))
    return child
  }
}

async function outputOf(child: ChildProcess, stdin?: string): Promise<Output> {
  const [stdout, stderr, [code]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, 'close'),
    child.stdin?.end(stdin),
  ])
  return { code, stdout, stderr }
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = ''
  stream?.setEncoding('utf8')
  for await (const chunk of stream ?? []) text += chunk
  return text
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: Printed
}

/** What `kubectl get -w` has printed so far. */
export class Watch {
  readonly events: WatchEvent[] = []
  /** Resolves with the first event: what is there when a watch begins comes as ADDED. */
  readonly begun: Promise<void>
  readonly #child: ChildProcess
  #text = ''

  constructor(child: ChildProcess) {
    this.#child = child
    this.begun = new Promise((resolve, reject) => {
      child.once('close', () => reject(new Error('the watch ended before its first event')))
      child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#read(chunk)
        if (this.events.length > 0) resolve()
      })
    })
  }

  async stop(): Promise<readonly WatchEvent[]> {
    this.#child.kill()
    await once(this.#child, 'close')
    return this.events
  }

  #read(chunk: string): void {
    const lines = (this.#text + chunk).split('\n')
    this.#text = lines.pop() ?? ''
    for (const line of lines) this.events.push(JSON.parse(line))
  }
}
