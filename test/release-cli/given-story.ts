import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { systemClock } from '../../src/base/system-clock.ts'
import type { CliIo } from '../../src/cli/io.ts'
import { registerKubectlCommands } from '../../src/cli/kubectl-commands.ts'
import { registerReleaseCommands } from '../../src/cli/release-commands.ts'
import { runProgram } from '../../src/cli/run-program.ts'
import { GivenRepository } from '../../src/git/given-repository.fixture.ts'
import type { GivenEngine } from '../seed/given-engine.ts'
import { eventually, type GivenNamespace, type Output } from '../seed/given-namespace.ts'

export { eventually }

/** A Deployment that reads the ConfigMap `settings`, as somebody writes it. */
export function manifestOf(
  image: string,
  { name = 'app', spec = '', container = '' } = {},
): string {
  return `# what runs
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name} # the name
spec:
  replicas: 2
${spec}  selector:
    matchLabels: &labels { app: ${name} }
  template:
    metadata:
      labels: *labels
    spec:
      containers:
        - name: ${name}
          image: ${image} # moves
          envFrom: [{ configMapRef: { name: settings } }]
${container}`
}

/** What never becomes ready: no node is such a one. */
export function badManifest(image: string): string {
  const spec = '  progressDeadlineSeconds: 2\n'
  return `${manifestOf(image, { spec })}      nodeSelector: { no: such }\n`
}

export function settingsOf(text: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { TEXT: ${text} }\n`
}

export interface Asked {
  readonly stdin?: string
  readonly env?: CliIo['env']
  readonly cwd?: string
  readonly more?: Partial<CliIo>
}

/**
 * A namespace of an engine, a repository with a bare remote, stock kubectl, and our own commands.
 */
export class GivenStory {
  readonly namespace: GivenNamespace
  readonly repository: GivenRepository
  readonly #kubeconfig: string

  private constructor(namespace: GivenNamespace, repository: GivenRepository) {
    this.namespace = namespace
    this.repository = repository
    this.#kubeconfig = `${namespace.dir}.kubeconfig`
  }

  static async on(engine: GivenEngine): Promise<GivenStory> {
    return new GivenStory(await engine.namespace(), await GivenRepository.create())
  }

  async end(): Promise<void> {
    await this.namespace.close()
    await this.repository.remove()
  }

  /** `astern ARGS` in the work tree: parted at blanks, or as a list. */
  async astern(command: string | readonly string[], asked: Asked = {}): Promise<Output> {
    const { stdin = '', env, cwd = this.repository.repository.root, more } = asked
    const args = typeof command === 'string' ? command.split(/\s+/) : command
    const written = { stdout: '', stderr: '' }
    const output = (stream: 'stdout' | 'stderr') => ({
      write(text: string | Uint8Array) {
        written[stream] += text.toString()
      },
    })
    const io: CliIo = {
      programName: 'astern',
      stdin: (async function* () {
        yield stdin
      })(),
      stdout: output('stdout'),
      stderr: output('stderr'),
      env: { HOME: this.namespace.dir, KUBECONFIG: this.#kubeconfig, ...env },
      cwd,
      isTerminal: false,
      columns: 80,
      clock: systemClock,
      signal: new AbortController().signal,
      ...more,
    }
    const program = new Command('astern')
    registerKubectlCommands(program, io)
    registerReleaseCommands(program, io)
    const code = await runProgram(program, args, io)
    return { code, ...written }
  }

  /** The standard output of a command that must end with 0. */
  async succeed(command: string | readonly string[], asked?: Asked): Promise<string> {
    const { code, stdout, stderr } = await this.astern(command, asked)
    if (code === 0) return stdout
    throw new Error(`astern ${[command].flat().join(' ')}: exit ${code}: ${stdout}${stderr}`)
  }

  /** Commits and pushes files; the commit. */
  async commit(files: Readonly<Record<string, string>>, message: string): Promise<string> {
    const commit = await this.repository.commit(files, message)
    await this.repository.push()
    return commit
  }

  /**
   * Commits this version, pushes it, applies it with `astern apply` and waits until it is healthy.
   */
  async deploy(image: string, text = image.replace(/\W/g, '')): Promise<string> {
    const files = { 'app/deployment.yaml': manifestOf(image), 'app/config.yaml': settingsOf(text) }
    const commit = await this.commit(files, `Ship ${image}`)
    await this.succeed('apply -f app')
    await this.healthy()
    return commit
  }

  /** Until what runs is recorded and said to be healthy. */
  async healthy(): Promise<void> {
    await this.namespace.rolledOut()
    await eventually(async () => {
      const live = (await this.rows()).find(({ isLive }) => isLive)
      if (live?.health !== 'healthy') throw new Error(`it is ${JSON.stringify(live)}`)
    })
  }

  async rows(): Promise<readonly HistoryLine[]> {
    return JSON.parse(await this.succeed('history deployment/app -o json')).rows
  }

  /** `r1 apply healthy app:1` for each release. */
  async story(): Promise<readonly string[]> {
    return (await this.rows())
      .filter(({ type }) => type === 'recorded')
      .map(({ release, source, health, images }) => `r${release} ${source} ${health} ${images}`)
  }

  async image(name = 'app'): Promise<string> {
    const { spec } = await this.namespace.get(`deployment/${name}`)
    return spec.template.spec.containers[0].image
  }

  async text(): Promise<string> {
    return (await this.namespace.get('configmap/settings')).data.TEXT
  }

  /** A file as the remote's branch has it. */
  async pushed(path: string): Promise<string> {
    await this.repository.git('fetch', '--quiet', 'origin')
    return this.repository.git('show', `origin/main:${path}`)
  }

  /** What stock `kubectl apply -f` of a folder says, without what stays as it is. */
  async kubectlApply(folder = 'app'): Promise<string> {
    const path = this.repository.path(folder)
    const said = await this.namespace.run(['apply', '-f', path])
    return said
      .split('\n')
      .filter((line) => line !== '' && !line.endsWith(' unchanged'))
      .join('\n')
  }

  async kubeconfig(): Promise<string> {
    return readFile(this.#kubeconfig, 'utf8')
  }
}

export interface HistoryLine {
  readonly type: string
  readonly release?: number
  readonly revision?: string
  readonly source?: string
  readonly health: string
  readonly images: readonly string[]
  readonly commit?: string
  readonly who?: string
  readonly why?: string
  readonly failedBecause?: string
  readonly gitOwed?: { readonly waitsIn?: string; readonly reason?: string }
  readonly isLive: boolean
}
