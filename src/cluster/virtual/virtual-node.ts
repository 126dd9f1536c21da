import type { Resource } from '../../api/resource.ts'
import { pods } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import { createInformers } from '../../client/informers.ts'
import { createEventRecorder } from '../../client/recorder.ts'
import { Agent } from '../../node/agent/agent.ts'
import type { NodeRegistrationOptions } from '../../node/agent/node-registration.ts'
import { type ProbeRunner, success } from '../../node/probes/probe.ts'
import type { Runtime } from '../../node/runtime.ts'
import type { ImageBehaviours } from '../../node/runtimes/simulated/behaviour.ts'
import { simulatedRuntime } from '../../node/runtimes/simulated/runtime.ts'
import { Incarnation } from './incarnation.ts'

export interface VirtualNodeOptions {
  readonly context: Context
  readonly transport: Transport
  /** Put between the node and the API. */
  readonly intercept: (transport: Transport) => Transport
  readonly name: string
  /** Three octets, of this node alone. */
  readonly addressPrefix: string
  readonly behaviours?: ImageBehaviours | undefined
  /** By default what runs is ready. */
  readonly probe?: ProbeRunner | undefined
}

const noInfo = {
  architecture: 'amd64',
  bootID: '',
  containerRuntimeVersion: 'simulated://1.0.0',
  kernelVersion: '',
  kubeProxyVersion: '',
  kubeletVersion: '',
  machineID: '',
  operatingSystem: 'linux',
  osImage: '',
  systemUUID: '',
}

/** The same on every machine, so that the same seed gives the same history on all. */
function describe(name: string): NodeRegistrationOptions {
  return {
    name,
    hostname: name,
    address: '127.0.0.1',
    cpus: 16,
    memoryBytes: 64 * 2 ** 30,
    podsMax: 1000,
    labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
    info: noInfo,
  }
}

interface Boot {
  readonly life: Incarnation
  readonly runtime: Runtime
  readonly informers: { stop(): Promise<void> }
}

/** A machine that can lose its power: agent, runtime and containers go at once, and begin anew. */
export class VirtualNode {
  readonly #options: VirtualNodeOptions
  #boot: Boot | undefined

  constructor(options: VirtualNodeOptions) {
    this.#options = options
  }

  get name(): string {
    return this.#options.name
  }

  get isUp(): boolean {
    return this.#boot !== undefined
  }

  get runtime(): Runtime | undefined {
    return this.#boot?.runtime
  }

  /** Resolves when the node is registered and Ready. */
  async start(): Promise<void> {
    const { name, addressPrefix, behaviours, probe = async () => success() } = this.#options
    const life = new Incarnation(this.#options.context)
    const { context } = life
    const { transport: api, intercept } = this.#options
    const transport = life.transport(intercept(life.transport(api)))
    const runtime = simulatedRuntime({ context, addressPrefix, behaviours })
    // As a kubelet: of pods, only its own.
    const own = { fieldSelector: `spec.nodeName=${name}` }
    const only = new Map<Resource, typeof own>([[pods, own]])
    const informers = createInformers(context, transport, { only })
    this.#boot = { life, runtime, informers }
    const recorder = createEventRecorder(context, { transport, component: 'kubelet', host: name })
    const gate = { drained: async () => 'drained' as const }
    const agent = new Agent({
      informers,
      services: { context, transport, runtime, gate, recorder, probe },
      node: describe(name),
    })
    await informers.start()
    await agent.start()
  }

  /** Everything on it is gone at once; the API does not hear of it. */
  crash(): void {
    this.#boot?.life.end()
    void this.#boot?.informers.stop()
    this.#boot = undefined
  }
}
