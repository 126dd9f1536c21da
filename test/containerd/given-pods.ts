import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, vi } from 'vitest'
import type { Container, Pod, PodSpec } from '../../src/api/generated/types.ts'
import { events, pods } from '../../src/api/scheme.ts'
import { type GivenEngine, givenEngine } from '../engine.fixture.ts'
import { type Ran, seen } from '../exec.fixture.ts'
import { kubectlBinary } from '../kubectl-binary.ts'
import type { GivenContainerd } from './given-containerd.ts'

export const inDefault = { namespace: 'default' }
export const eventually = { timeout: 60_000, interval: 100 }

/** A shell that waits for its end as programs do: the first process gets no signal unasked. */
export const sh = (script: string) => ({ command: ['sh', '-c', `trap 'exit 0' TERM; ${script}`] })
export const waits = 'sleep 1000 & wait'

/** An engine on a given containerd, its pods, and stock kubectl. */
export class GivenPods {
  readonly engine: GivenEngine
  readonly #running = new Set<ChildProcessWithoutNullStreams>()

  private constructor(engine: GivenEngine) {
    this.engine = engine
  }

  static async start({ socket }: GivenContainerd): Promise<GivenPods> {
    return new GivenPods(await givenEngine({ runtime: 'containerd', criSocket: socket }))
  }

  get api() {
    return this.engine.engine.transport
  }

  async runPod(name: string, container: Partial<Container>, spec: Partial<PodSpec> = {}) {
    const containers = [{ name: 'app', image: 'box:1', ...container }]
    const metadata = { name, labels: { app: name } }
    const whole = { terminationGracePeriodSeconds: 2, containers, ...spec }
    const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: whole }
    await this.api.create(pods, inDefault, pod)
  }

  pod(name: string): Promise<Pod> {
    return this.api.get(pods, { ...inDefault, name })
  }

  async ready(name: string): Promise<Pod> {
    return vi.waitFor(async () => {
      const pod = await this.pod(name)
      expect(pod.status?.containerStatuses?.[0]?.ready).toBe(true)
      return pod
    }, eventually)
  }

  /** The first container's last end, when the pod is over. */
  async ended(name: string) {
    const phase = async () => (await this.pod(name)).status?.phase
    await expect.poll(phase, eventually).toMatch(/Succeeded|Failed/)
    return (await this.pod(name)).status?.containerStatuses?.[0]?.state?.terminated
  }

  /** Why the first container does not run. */
  waiting(name: string, reason: RegExp) {
    const why = async () => {
      const { state } = (await this.pod(name)).status?.containerStatuses?.[0] ?? {}
      return state?.waiting && `${state.waiting.reason}: ${state.waiting.message}`
    }
    return expect.poll(why, eventually).toMatch(reason)
  }

  async eventsOf(name: string): Promise<readonly string[]> {
    const { items } = await this.api.list(events, inDefault)
    const about = items.filter(({ involvedObject }) => involvedObject.name === name)
    return about.map(({ reason, message }) => `${reason} ${message}`)
  }

  async log(name: string): Promise<string> {
    return (await this.kubectl(['logs', name])).stdout
  }

  async kubectl(args: readonly string[], stdin = ''): Promise<Ran> {
    const child = this.spawn(kubectlBinary(), args)
    child.stdin.on('error', () => {}).end(stdin)
    const [stdout, stderr, [code]] = await Promise.all([
      child.stdout.setEncoding('utf8').toArray(),
      child.stderr.setEncoding('utf8').toArray(),
      once(child, 'close'),
    ])
    return { code, stdout: stdout.join(''), stderr: stderr.join('') }
  }

  spawn(program: string, args: readonly string[]): ChildProcessWithoutNullStreams {
    const env = { ...process.env, KUBECONFIG: this.engine.engine.kubeconfig }
    const child = spawn(program, [...args], { env })
    this.#running.add(child)
    child.once('close', () => this.#running.delete(child))
    return child
  }

  /** A local port that leads to one of the pod's. */
  async forwarded(name: string, port: number): Promise<string> {
    const client = this.spawn(kubectlBinary(), ['port-forward', `pod/${name}`, `:${port}`])
    const local = await seen(client.stdout, /127\.0\.0\.1:(\d+)/)
    client.stdout.resume()
    return `http://127.0.0.1:${local}/`
  }

  async stop(): Promise<void> {
    for (const child of this.#running) child.kill('SIGKILL')
    await this.engine.stop()
  }
}
