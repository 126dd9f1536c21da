import type { TrafficGate } from '../api/seams.ts'
import type { Transport } from '../api/transport.ts'
import type { Context } from '../base/context.ts'
import type { Informers } from '../client/lister.ts'
import { createEventRecorder, type Recorder } from '../client/recorder.ts'
import { Agent } from '../node/agent/agent.ts'
import type { ClusterDns } from '../node/agent/dns-config.ts'
import type { LocalNode } from '../node/agent/pod-connector.ts'
import { type ProbeRunner, success } from '../node/probes/probe.ts'
import { probeRunner } from '../node/probes/run-probe.ts'
import type { Runtime } from '../node/runtime.ts'
import { readImageUse } from './image-use.ts'
import { describeNode, machineRoom } from './machine.ts'
import { podTokens } from './pod-tokens.ts'

export interface NodePoolOptions {
  readonly context: Context
  readonly transport: Transport
  readonly informers: Informers
  readonly gate: TrafficGate
  readonly dns: ClusterDns
  /** One node per runtime; simulated runtimes may be many. */
  readonly runtimes: ReadonlyMap<string, Runtime>
  readonly kubeletVersion: string
}

const podsMax = { process: 500, containerd: 500, simulated: 10_000 } as const

/** Simulated containers have nothing that could be asked: what runs is ready. */
const alwaysReady: ProbeRunner = async () => success()

/** The nodes of this engine: for each an agent over a runtime of its own. */
export class NodePool {
  readonly #nodes = new Map<string, LocalNode>()
  readonly #recorders: readonly Recorder[]
  #isStopped = false

  constructor(options: NodePoolOptions) {
    const { context, transport } = options
    this.#recorders = [...options.runtimes].map(([name, runtime]) => {
      const recorder = createEventRecorder(context, { transport, component: 'kubelet', host: name })
      this.#nodes.set(name, { runtime, agent: createAgent(options, { name, runtime, recorder }) })
      return recorder
    })
  }

  node(name: string): LocalNode | undefined {
    return this.#nodes.get(name)
  }

  async start(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map(({ agent }) => agent.start()))
  }

  /** Once: a later call does nothing. */
  async stop(options: { readonly keepPods: boolean }): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    await Promise.all([...this.#nodes.values()].map(({ agent }) => agent.stop(options)))
    await Promise.all(this.#recorders.map((recorder) => recorder.idle()))
    const runtimes = [...this.#nodes.values()].map(({ runtime }) => runtime)
    if (!options.keepPods) await Promise.all(runtimes.map((runtime) => runtime.withdraw?.()))
    await Promise.all(runtimes.map((runtime) => runtime.close()))
  }
}

function createAgent(
  options: NodePoolOptions,
  { name, runtime, recorder }: { name: string; runtime: Runtime; recorder: Recorder },
): Agent {
  const { context, transport, informers, gate, dns, kubeletVersion } = options
  const isSimulated = runtime.name === 'simulated'
  const { isolation } = runtime
  return new Agent({
    informers,
    services: {
      context,
      transport,
      runtime,
      gate,
      dns,
      recorder,
      probe: isSimulated ? alwaysReady : probeRunner(runtime),
      serviceAccountToken: podTokens(transport),
      imagesNeeded: () => readImageUse(transport),
    },
    node: {
      ...describeNode({
        name,
        runtime: runtime.name,
        ...(runtime.version !== undefined && { runtimeVersion: runtime.version }),
        podsMax: isSimulated ? podsMax.simulated : podsMax.process,
        kubeletVersion,
      }),
      ...(isolation && { room: () => machineRoom(isolation.hiddenDir) }),
    },
  })
}
