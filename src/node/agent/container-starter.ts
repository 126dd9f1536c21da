import type { Container, Pod } from '../../api/generated/types.ts'
import { configMaps, secrets } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import { type ContainerRecord, type Sandbox, StartFailed } from '../runtime.ts'
import type { AgentServices } from './agent-services.ts'
import { containerEnvironment, type ReferenceReader } from './environment.ts'
import { expandVariables } from './expand.ts'
import { ImagePuller, PullFailed } from './image-puller.ts'
import type { Waiting } from './observed-pod.ts'
import type { StartAction } from './plan-pod.ts'
import { containerFieldPath, type PodContainer } from './pod-containers.ts'

const startRetryMs = 10_000
const mountRetryMs = 120_000

function referenceReader(transport: Transport): ReferenceReader {
  const ifThere = async <T>(read: Promise<T>): Promise<T | undefined> => {
    try {
      return await read
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined
      throw error
    }
  }
  return {
    configMap: (namespace, name) => ifThere(transport.get(configMaps, { namespace, name })),
    secret: (namespace, name) => ifThere(transport.get(secrets, { namespace, name })),
  }
}

/** Starts containers of one pod: image, environment, process; tells the story in Events (F-05). */
export class ContainerStarter {
  readonly #services: AgentServices
  readonly #puller: ImagePuller
  readonly #reader: ReferenceReader

  constructor(services: AgentServices) {
    const { runtime, recorder, context, transport } = services
    this.#services = services
    this.#puller = new ImagePuller({ runtime, recorder, clock: context.clock })
    this.#reader = referenceReader(transport)
  }

  /** The record of what runs now, or why it does not. */
  async start(
    pod: Pod,
    { container, restart }: StartAction,
    sandbox: Sandbox,
  ): Promise<ContainerRecord | Waiting> {
    const unmountable = this.#unmountable(pod, container)
    if (unmountable) return unmountable
    try {
      await this.#puller.ensure(pod, container)
      const record = await this.#run(pod, { container, restart }, sandbox)
      this.#normal(pod, container, ['Created', `Created container: ${container.spec.name}`])
      this.#normal(pod, container, ['Started', `Started container ${container.spec.name}`])
      return record
    } catch (error) {
      if (error instanceof PullFailed) return error.waiting
      if (!(error instanceof StartFailed)) throw error
      const { message, reason } = error
      const { recorder, context } = this.#services
      recorder.event(pod, 'Warning', 'Failed', `Error: ${message}`, containerFieldPath(container))
      return { reason, message, retryAtMs: context.clock.now() + startRetryMs }
    }
  }

  /** What a container shows after its failed pull was reported (F-05). */
  backingOff(pod: Pod, container: PodContainer, failed: Waiting): Waiting {
    return this.#puller.backingOff(pod, container, failed)
  }

  async #run(
    pod: Pod,
    { container: { spec }, restart }: StartAction,
    sandbox: Sandbox,
  ): Promise<ContainerRecord> {
    const { metadata } = pod
    const own = await containerEnvironment(pod, spec, {
      reader: this.#reader,
      sandbox,
      allocatable: this.#services.allocatable,
    })
    const values = new Map([...own, ...sandbox.env].map(({ name, value }) => [name, value]))
    this.#tellOverridden(pod, spec, sandbox)
    const expand = (texts: readonly string[] | undefined) =>
      (texts ?? []).map((text) => expandVariables(text, values))
    return this.#services.runtime.startContainer({
      podUid: metadata.uid ?? '',
      namespace: metadata.namespace ?? '',
      podName: metadata.name ?? '',
      container: spec.name,
      restart,
      image: spec.image ?? '',
      command: expand(spec.command),
      args: expand(spec.args),
      workingDir: spec.workingDir,
      env: own,
    })
  }

  /** As everywhere, a container whose volumes cannot be had waits, and an Event says why. */
  #unmountable(pod: Pod, { spec }: PodContainer): Waiting | undefined {
    const { runtime, recorder, context } = this.#services
    const mounts = spec.volumeMounts ?? []
    if (runtime.mountsVolumes || mounts.length === 0) return undefined
    for (const { name } of mounts) {
      const why = `the ${runtime.name} runtime has no volumes yet; use env or envFrom, or put the files into the image`
      const text = `MountVolume.SetUp failed for volume "${name}" : ${why}`
      recorder.event(pod, 'Warning', 'FailedMount', text)
    }
    return { reason: 'ContainerCreating', retryAtMs: context.clock.now() + mountRetryMs }
  }

  #tellOverridden(pod: Pod, { name, env }: Container, sandbox: Sandbox): void {
    const own = new Set(sandbox.env.map((variable) => variable.name))
    for (const literal of (env ?? []).filter((variable) => own.has(variable.name))) {
      const why = 'Astern sets it to the real port of this process pod'
      const text = `${literal.name} of container ${name} is not taken from the manifest: ${why}`
      this.#services.recorder.event(pod, 'Normal', 'PortOverridden', text)
    }
  }

  #normal(pod: Pod, container: PodContainer, [reason, message]: readonly [string, string]): void {
    this.#services.recorder.event(pod, 'Normal', reason, message, containerFieldPath(container))
  }
}
