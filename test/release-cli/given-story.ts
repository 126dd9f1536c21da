import { Command } from 'commander'
import { systemClock } from '../../src/base/system-clock.ts'
import type { CliIo } from '../../src/cli/io.ts'
import { registerKubectlCommands } from '../../src/cli/kubectl-commands.ts'
import { registerReleaseCommands } from '../../src/cli/release-commands.ts'
import { runProgram } from '../../src/cli/run-program.ts'
import { GivenRepository } from '../../src/git/given-repository.fixture.ts'
import type { GivenEngine } from '../seed/given-engine.ts'
import {
  eventually,
  type GivenNamespace,
  type KubectlOptions,
  type Output,
  type Printed,
} from '../seed/given-namespace.ts'
import { asTheyAre, type ImageNames } from '../stories/image-names.ts'

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

/** The same as a StatefulSet of two, or a DaemonSet. */
export function setOf(
  kind: 'StatefulSet' | 'DaemonSet',
  image: string,
  { spec = '', pod = '' } = {},
): string {
  const size = kind === 'StatefulSet' ? '  replicas: 2\n  serviceName: app\n' : ''
  return `# what runs
apiVersion: apps/v1
kind: ${kind}
metadata:
  name: app # the name
spec:
${size}${spec}  selector:
    matchLabels: &labels { app: app }
  template:
    metadata:
      labels: *labels
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: app
          image: ${image} # moves
          envFrom: [{ configMapRef: { name: settings } }]
${pod}`
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

/** What is so of the cluster around a story. */
export interface Surroundings {
  readonly kubeconfig: string
  readonly images: ImageNames
  /**
   * Not the embedded engine: our commands ask before they write, and records are kept from beside.
   */
  readonly isForeign: boolean
  readonly patienceMs?: number
}

const asking: ReadonlySet<string> = new Set(['record', 'drift', 'rollback', 'redo'])

function asks([name = '']: readonly string[]): boolean {
  return asking.has(name)
}

/**
 * A namespace of an engine, a repository with a bare remote, stock kubectl, and our own commands.
 */
export class GivenStory {
  readonly namespace: GivenNamespace
  readonly repository: GivenRepository
  readonly #surroundings: Surroundings
  readonly #leaving = new AbortController()
  #recording: Promise<unknown> = Promise.resolve()

  private constructor(
    namespace: GivenNamespace,
    repository: GivenRepository,
    surroundings: Surroundings,
  ) {
    this.namespace = namespace
    this.repository = repository
    this.#surroundings = surroundings
  }

  static async on(engine: GivenEngine): Promise<GivenStory> {
    const namespace = await engine.namespace()
    const kubeconfig = `${namespace.dir}.kubeconfig`
    const around = { kubeconfig, images: asTheyAre, isForeign: false }
    return new GivenStory(namespace, await GivenRepository.create(), around)
  }

  /**
   * In a namespace of somebody's cluster; what it ran is recorded from beside. It goes at the end.
   */
  static in(
    namespace: GivenNamespace,
    repository: GivenRepository,
    surroundings: Surroundings,
  ): GivenStory {
    const story = new GivenStory(namespace, repository, surroundings)
    const { signal } = story.#leaving
    story.#recording = story.astern('record', { cwd: namespace.dir, more: { signal } })
    return story
  }

  async end(): Promise<void> {
    this.#leaving.abort()
    await this.#recording
    if (this.#surroundings.isForeign) {
      await this.namespace.run(`delete namespace ${this.namespace.name} --wait=false`)
    }
    await this.namespace.close()
    await this.repository.remove()
  }

  /** For programs of one's own. */
  get environment(): { readonly HOME: string; readonly KUBECONFIG: string } {
    return { HOME: this.namespace.dir, KUBECONFIG: this.#surroundings.kubeconfig }
  }

  /**
   * Stock kubectl; must succeed. Images have the names that stories use, here and in what it says.
   */
  async kubectl(
    command: string | readonly string[],
    { stdin, ...options }: KubectlOptions = {},
  ): Promise<string> {
    const { toCluster, toStory } = this.#surroundings.images
    const asked = typeof command === 'string' ? toCluster(command) : command.map(toCluster)
    const fed = stdin === undefined ? {} : { stdin: toCluster(stdin) }
    return toStory(await this.namespace.run(asked, { ...options, ...fed }))
  }

  /** `kubectl get … -o json`. */
  async get(what: string): Promise<Printed> {
    return JSON.parse(await this.kubectl(`get ${what} -o json`))
  }

  eventually<T>(expectation: () => T | Promise<T>): Promise<T> {
    return eventually(expectation, this.#surroundings.patienceMs)
  }

  /** `astern ARGS` in the work tree: parted at blanks, or as a list. */
  async astern(command: string | readonly string[], asked: Asked = {}): Promise<Output> {
    const { stdin = '', env, cwd = this.repository.repository.root, more } = asked
    const { kubeconfig, images, isForeign } = this.#surroundings
    const words = typeof command === 'string' ? command.split(/\s+/) : command
    const args = [...words.map(images.toCluster), ...(isForeign && asks(words) ? ['--yes'] : [])]
    const written = { stdout: '', stderr: '' }
    const output = (stream: 'stdout' | 'stderr') => ({
      write(text: string | Uint8Array) {
        written[stream] += text.toString()
      },
    })
    const io: CliIo = {
      programName: 'astern',
      stdin: (async function* () {
        yield images.toCluster(stdin)
      })(),
      stdout: output('stdout'),
      stderr: output('stderr'),
      env: { HOME: this.namespace.dir, KUBECONFIG: kubeconfig, ...env },
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
    const { toStory } = images
    return { code, stdout: toStory(written.stdout), stderr: toStory(written.stderr) }
  }

  /** The standard output of a command that must end with 0. */
  async succeed(command: string | readonly string[], asked?: Asked): Promise<string> {
    const { code, stdout, stderr } = await this.astern(command, asked)
    if (code === 0) return stdout
    throw new Error(`astern ${[command].flat().join(' ')}: exit ${code}: ${stdout}${stderr}`)
  }

  /** Commits and pushes files; the commit. */
  async commit(files: Readonly<Record<string, string>>, message: string): Promise<string> {
    await this.write(files)
    const commit = await this.repository.commit({}, message)
    await this.repository.push()
    return commit
  }

  /** Into the work tree. */
  async write(files: Readonly<Record<string, string>>): Promise<void> {
    const { toCluster } = this.#surroundings.images
    const all = Object.entries(files).map(([path, text]) => [path, toCluster(text)] as const)
    await this.repository.write(Object.fromEntries(all))
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

  /** The same with a manifest of a set. */
  async deploySet(manifest: string, image: string): Promise<string> {
    const text = image.replace(/\W/g, '')
    const files = { 'app/set.yaml': manifest, 'app/config.yaml': settingsOf(text) }
    const commit = await this.commit(files, `Ship ${image}`)
    await this.succeed('apply -f app')
    return commit
  }

  /** Until what runs is recorded and said to be healthy. */
  async healthy(who = 'deployment/app'): Promise<void> {
    await this.namespace.rolledOut(who)
    await this.eventually(async () => {
      const live = (await this.rows(who)).find(({ isLive }) => isLive)
      if (live?.health !== 'healthy') throw new Error(`it is ${JSON.stringify(live)}`)
    })
  }

  async rows(who = 'deployment/app'): Promise<readonly HistoryLine[]> {
    return JSON.parse(await this.succeed(`history ${who} -o json`)).rows
  }

  /** `r1 apply healthy app:1` for each release. */
  async story(who = 'deployment/app'): Promise<readonly string[]> {
    return (await this.rows(who))
      .filter(({ type }) => type === 'recorded')
      .map(({ release, source, health, images }) => `r${release} ${source} ${health} ${images}`)
  }

  async image(who = 'deployment/app'): Promise<string> {
    const { spec } = await this.get(who)
    return spec.template.spec.containers[0].image
  }

  async text(): Promise<string> {
    return (await this.get('configmap/settings')).data.TEXT
  }

  /** A file as the remote's branch has it. */
  async pushed(path: string): Promise<string> {
    await this.repository.git('fetch', '--quiet', 'origin')
    const text = await this.repository.git('show', `origin/main:${path}`)
    return this.#surroundings.images.toStory(text)
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
