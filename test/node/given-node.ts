import type { Container, Pod } from '../../src/api/generated/types.ts'
import { events, pods } from '../../src/api/scheme.ts'
import type { TrafficGate } from '../../src/api/seams.ts'
import { isStatusError } from '../../src/api/status-error.ts'
import { createInformers } from '../../src/client/informers.ts'
import { createEventRecorder } from '../../src/client/recorder.ts'
import { Agent } from '../../src/node/agent/agent.ts'
import type { AgentServices } from '../../src/node/agent/agent-services.ts'
import type { MachineRoom } from '../../src/node/agent/pressure.ts'
import { type ProbeRunner, success } from '../../src/node/probes/probe.ts'
import type { Isolation, PulledImages, Runtime } from '../../src/node/runtime.ts'
import type { ImageBehaviours } from '../../src/node/runtimes/simulated/behaviour.ts'
import { simulatedRuntime } from '../../src/node/runtimes/simulated/runtime.ts'
import { createScheduler } from '../../src/scheduler/scheduler.ts'
import { type GivenApi, givenApi } from '../client/given-api.ts'

export interface GivenNodeOptions {
  readonly behaviours?: ImageBehaviours
  readonly gate?: TrafficGate
  readonly probe?: ProbeRunner
  /** Default: as the simulated runtime, none. */
  readonly isolation?: Isolation
  /** Default: as the simulated runtime, none. */
  readonly pulled?: PulledImages
  readonly imagesNeeded?: AgentServices['imagesNeeded']
  readonly room?: () => Promise<MachineRoom>
}

const noInfo = {
  architecture: 'amd64',
  bootID: '',
  containerRuntimeVersion: 'simulated://1',
  kernelVersion: '',
  kubeProxyVersion: '',
  kubeletVersion: 'v1.35.0',
  machineID: '',
  operatingSystem: 'linux',
  osImage: '',
  systemUUID: '',
}

/** The API server, the scheduler, and one node with simulated containers, in virtual time. */
export class GivenNode {
  readonly api: GivenApi
  readonly runtime: Runtime
  readonly #options: GivenNodeOptions
  #stopAgent: (how: { readonly keepPods: boolean }) => Promise<void> = async () => {}

  private constructor(api: GivenApi, runtime: Runtime, options: GivenNodeOptions) {
    this.api = api
    this.runtime = runtime
    this.#options = options
  }

  static async start(options: GivenNodeOptions = {}): Promise<GivenNode> {
    const api = await givenApi()
    const { behaviours, isolation, pulled } = options
    const inner = simulatedRuntime({ context: api.context, addressPrefix: '10.1.0', behaviours })
    const runtime = Object.assign(inner, { isolation, pulled })
    const given = new GivenNode(api, runtime, options)
    await given.startAgent()
    return given
  }

  /** A new agent, as after a restart of the control plane. */
  async startAgent(): Promise<void> {
    const { context, transport } = this.api
    const informers = createInformers(context, transport)
    const recorder = createEventRecorder(context, { transport, component: 'kubelet' })
    const scheduler = createScheduler({ context, transport, informers, recorder })
    const { gate, probe, imagesNeeded, room } = this.#options
    const agent = new Agent({
      informers,
      services: {
        context,
        transport,
        recorder,
        runtime: this.runtime,
        gate: gate ?? { drained: async () => 'drained' },
        probe: probe ?? (async () => success()),
        ...(imagesNeeded && { imagesNeeded }),
      },
      node: {
        name: 'n',
        hostname: 'n',
        address: '127.0.0.1',
        cpus: 1,
        memoryBytes: 2 ** 30,
        podsMax: 100,
        info: noInfo,
        labels: {},
        ...(room && { room }),
      },
    })
    await informers.start()
    scheduler.start()
    await agent.start()
    this.#stopAgent = async (how) => {
      await scheduler.stop()
      await agent.stop(how)
      await informers.stop()
    }
  }

  /** The control plane goes, what runs stays. */
  stopAgent(): Promise<void> {
    return this.#stopAgent({ keepPods: true })
  }

  async stop(): Promise<void> {
    await this.#stopAgent({ keepPods: true })
    await this.runtime.close()
    await this.api.stop()
  }

  createPod(name: string, spec: Partial<Pod['spec']> & object = {}): Promise<Pod> {
    const containers: readonly Container[] = [{ name: 'app', image: 'app:1' }]
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers, ...spec } }
    return this.api.transport.create(pods, { namespace: 'default' }, pod)
  }

  async pod(name: string): Promise<Pod | undefined> {
    try {
      return await this.api.transport.get(pods, { namespace: 'default', name })
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined
      throw error
    }
  }

  deletePod(name: string, gracePeriodSeconds?: number): Promise<unknown> {
    return this.api.transport.delete(pods, { namespace: 'default', name }, { gracePeriodSeconds })
  }

  /** The same without the scheduler's: it and the node speak side by side. */
  async ownEvents(name: string): Promise<readonly string[]> {
    return (await this.events(name)).filter((text) => !text.startsWith('Scheduled '))
  }

  /** `REASON MESSAGE` of the Events about a pod, in order of creation. */
  async events(name: string): Promise<readonly string[]> {
    const { items } = await this.api.transport.list(events, { namespace: 'default' })
    return items
      .filter(({ involvedObject }) => involvedObject.name === name)
      .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map(({ reason, message }) => `${reason} ${message}`)
  }
}
