import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Container, Pod, Volume } from '../src/api/generated/types.ts'
import { pods } from '../src/api/scheme.ts'
import { type GivenEngine, givenEngine } from './engine.fixture.ts'
import { kubectlBinary } from './kubectl-binary.ts'

/** Answers what it is sent, or its path; prints each path to stdout, and to stderr in capitals. */
const program = `
require('node:http').createServer((request, response) => {
  console.log(request.url)
  console.error(request.url.toUpperCase())
  if (request.method === 'POST') return request.pipe(response)
  response.end(request.url)
}).listen(process.env.PORT, '127.0.0.1')
`

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app' },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'app',
        image: 'echo:1',
        env: [{ name: 'GREETING', value: 'hello' }],
        ports: [{ containerPort: 8080 }],
        readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 },
      },
      { name: 'side', image: 'echo:1', command: ['sleep', '600'] },
    ],
  },
}

export type KubectlVersion = '36' | '33'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** An engine with one running pod, `app`, and stock kubectl. */
export class GivenPod {
  readonly #engine: GivenEngine
  readonly dir: string
  readonly env: NodeJS.ProcessEnv
  readonly #running = new Set<ChildProcessWithoutNullStreams>()

  private constructor(engine: GivenEngine, dir: string) {
    this.#engine = engine
    this.dir = dir
    this.env = { ...process.env, HOME: dir, KUBECONFIG: engine.engine.kubeconfig, TZ: 'UTC' }
  }

  static async start(): Promise<GivenPod> {
    const given = new GivenPod(await givenEngine(), mkdtempSync(join(tmpdir(), 'astern-exec-')))
    const source = mkdtempSync(join(given.dir, 'image-'))
    writeFileSync(join(source, 'server.js'), program)
    await given.#engine.images.add('echo:1', source, ['node', 'server.js'])
    await given.#engine.engine.transport.create(pods, { namespace: 'default' }, pod)
    await given.run('36', ['wait', '--for=condition=Ready', 'pod/app', '--timeout=30s'])
    return given
  }

  /** Resolves when a pod of this container, which is not started again, runs. */
  async runPod(name: string, container: Container, volumes: Volume[] = []): Promise<void> {
    const spec = { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, volumes }
    const own: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { ...spec, containers: [container] },
    }
    await this.#engine.engine.transport.create(pods, { namespace: 'default' }, own)
    await this.run('36', ['wait', '--for=condition=Ready', `pod/${name}`, '--timeout=30s'])
  }

  /** Runs kubectl to its end. */
  async run(version: KubectlVersion, args: readonly string[], stdin = ''): Promise<Ran> {
    const child = this.spawn(version, args)
    child.stdin.on('error', () => {}).end(stdin)
    const [stdout, stderr, [code]] = await Promise.all([
      textOf(child.stdout),
      textOf(child.stderr),
      once(child, 'close'),
    ])
    return { code, stdout, stderr }
  }

  spawn(version: KubectlVersion, args: readonly string[]): ChildProcessWithoutNullStreams {
    return this.start(kubectlBinary(version), args)
  }

  start(program: string, args: readonly string[]): ChildProcessWithoutNullStreams {
    const child = spawn(program, [...args], { cwd: this.dir, env: this.env })
    this.#running.add(child)
    child.once('close', () => this.#running.delete(child))
    return child
  }

  async stop(): Promise<void> {
    const ended = [...this.#running].map((child) => once(child, 'close'))
    for (const child of this.#running) child.kill('SIGKILL')
    await Promise.all(ended)
    await this.#engine.stop()
    await rm(this.dir, { recursive: true })
  }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  stream.setEncoding('utf8')
  for await (const chunk of stream) text += chunk
  return text
}

/** Resolves with the first match in what comes; rejects when it ends without. */
export async function seen(stream: Readable, pattern: RegExp): Promise<string> {
  let text = ''
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    text += chunk
    const found = pattern.exec(text)
    if (found) return found[1] ?? found[0]
  }
  throw new Error(`no ${pattern} in ${JSON.stringify(text)}`)
}
