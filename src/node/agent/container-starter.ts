import type { Container, Pod } from '../../api/generated/types.ts'
import {
  type ContainerLimits,
  type ContainerRecord,
  type EnvVar,
  type ImageStatus,
  type Mount,
  type Sandbox,
  StartFailed,
} from '../runtime.ts'
import { isSystemProjection, PodVolumes } from '../volumes/pod-volumes.ts'
import { VolumeFailed } from '../volumes/volume-files.ts'
import type { AgentServices } from './agent-services.ts'
import { containerLimits, cpuRequestMillis } from './container-limits.ts'
import { containerSecurity } from './container-security.ts'
import { containerUser } from './container-user.ts'
import { resolvConfMount } from './dns-config.ts'
import { containerEnvironment } from './environment.ts'
import { expandVariables } from './expand.ts'
import { ImagePuller, PullFailed } from './image-puller.ts'
import type { Waiting } from './observed-pod.ts'
import type { StartAction } from './plan-pod.ts'
import { containerFieldPath, type PodContainer } from './pod-containers.ts'
import { type ReferenceReader, referenceReader } from './reference-reader.ts'
import { serviceEnvironment, servicesFor } from './service-environment.ts'
import { hasMessageFile, messageMount, usualMessagePath } from './termination-message.ts'

const startRetryMs = 10_000
const mountRetryMsFirst = 500
const mountRetryMsMax = 120_000
/** Where the ServiceAccount's files are, for programs that cannot see them at their mountPath. */
const serviceAccountVariable = 'ASTERN_SERVICE_ACCOUNT_DIR'

/** Starts containers of one pod: volumes, image, environment, process; tells the story (F-05). */
export class ContainerStarter {
  readonly #services: AgentServices
  readonly #puller: ImagePuller
  readonly #reader: ReferenceReader
  readonly #volumes: PodVolumes | undefined
  #failedMounts = 0
  /** Containers whose limits are not held, and the user knows. */
  readonly #toldLimits = new Set<string>()

  constructor(services: AgentServices) {
    const {
      runtime,
      recorder,
      context,
      transport,
      allocatable,
      serviceAccountToken: token,
    } = services
    const { clock } = context
    const { isolation } = runtime
    this.#services = services
    this.#reader = referenceReader(transport)
    this.#puller = new ImagePuller({ runtime, recorder, clock, reader: this.#reader })
    const sources = { reader: this.#reader, allocatable, token }
    this.#volumes = isolation && new PodVolumes({ clock, isolation, sources })
  }

  /** The record of what runs now, or why it does not. */
  async start(pod: Pod, action: StartAction, sandbox: Sandbox): Promise<ContainerRecord | Waiting> {
    const { container } = action
    try {
      await this.#setUpVolumes(pod, container, sandbox)
      const image = await this.#puller.ensure(pod, container)
      const record = await this.#run(pod, action, { sandbox, image })
      this.#normal(pod, container, ['Created', `Created container: ${container.spec.name}`])
      this.#normal(pod, container, ['Started', `Started container ${container.spec.name}`])
      return record
    } catch (error) {
      return this.#waiting(pod, container, error)
    }
  }

  /** What a container shows after its failed pull was reported (F-05). */
  backingOff(pod: Pod, container: PodContainer, failed: Waiting): Waiting {
    return this.#puller.backingOff(pod, container, failed)
  }

  /** The pod, or something that its volumes show, has changed. */
  async refreshVolumes(pod: Pod, { ip }: Sandbox): Promise<void> {
    await this.#volumes?.refresh(pod, ip)
  }

  stop(): void {
    this.#volumes?.stop()
  }

  #waiting(pod: Pod, container: PodContainer, error: unknown): Waiting {
    const { recorder, context } = this.#services
    const nowMs = context.clock.now()
    if (error instanceof PullFailed) return error.waiting
    if (error instanceof VolumeFailed) {
      const text = `MountVolume.SetUp failed for volume "${error.volume}" : ${error.message}`
      recorder.event(pod, 'Warning', 'FailedMount', text)
      const delayMs = Math.min(mountRetryMsFirst * 2 ** this.#failedMounts++, mountRetryMsMax)
      return { reason: 'ContainerCreating', retryAtMs: nowMs + delayMs }
    }
    if (!(error instanceof StartFailed)) throw error
    const { message, reason } = error
    recorder.event(pod, 'Warning', 'Failed', `Error: ${message}`, containerFieldPath(container))
    return { reason, message, retryAtMs: nowMs + startRetryMs }
  }

  /**
   * Rejects with VolumeFailed. Where containers can see no files of their own, only the system's
   * own volume is let pass.
   */
  async #setUpVolumes(pod: Pod, { spec }: PodContainer, { ip }: Sandbox): Promise<void> {
    const mounts = spec.volumeMounts ?? []
    if (!this.#volumes || mounts.length === 0) return
    const hindrance = await this.#services.runtime.isolation?.hindrance()
    const unmountable = mounts.find(({ name }) => !isSystemVolume(pod, name))
    if (hindrance !== undefined && unmountable) throw new VolumeFailed(hindrance, unmountable.name)
    await this.#volumes.setUp(pod, ip)
    this.#failedMounts = 0
  }

  async #run(
    pod: Pod,
    { container, restart }: StartAction,
    { sandbox, image }: { readonly sandbox: Sandbox; readonly image: ImageStatus },
  ): Promise<ContainerRecord> {
    const { spec } = container
    const { metadata } = pod
    const { runtime, allocatable, transport } = this.#services
    // Who simulates containers has nobody who would read it.
    const told = runtime.isolation ? await servicesFor(transport, pod) : []
    const common = serviceEnvironment(told)
    const options = { common, reader: this.#reader, sandbox, allocatable }
    const own = await containerEnvironment(pod, spec, options)
    const values = new Map([...own, ...sandbox.env].map(({ name, value }) => [name, value]))
    this.#tellOverridden(pod, spec, sandbox)
    const expand = (texts: readonly string[] | undefined) =>
      (texts ?? []).map((text) => expandVariables(text, values))
    const files = await this.#files(pod, spec, values)
    return runtime.startContainer({
      podUid: metadata.uid ?? '',
      namespace: metadata.namespace ?? '',
      podName: metadata.name ?? '',
      container: spec.name,
      restart,
      image: spec.image ?? '',
      command: expand(spec.command),
      args: expand(spec.args),
      workingDir: spec.workingDir,
      env: [...own, ...files.env],
      mounts: [...files.mounts, ...(await this.#messageMount(pod, spec, restart))],
      systemMounts: () => this.#dnsMount(pod),
      user: await this.#user(pod, container, image),
      limits: this.#limits(pod, container),
      ...(spec.stdin && { stdin: spec.stdinOnce ? ('once' as const) : ('kept' as const) }),
      ...(spec.tty && { tty: true }),
      cpuRequestMillis: cpuRequestMillis(spec),
      security: containerSecurity(pod, spec),
    })
  }

  /** Mounts, or where those cannot be had, where the system's files are. */
  async #files(
    pod: Pod,
    spec: Container,
    values: ReadonlyMap<string, string>,
  ): Promise<{ readonly mounts: readonly Mount[]; readonly env: readonly EnvVar[] }> {
    const volumes = this.#volumes
    if (!volumes || !spec.volumeMounts?.length) return { mounts: [], env: [] }
    if ((await this.#services.runtime.isolation?.hindrance()) === undefined) {
      return { mounts: await volumes.mounts(pod, spec, values), env: [] }
    }
    const system = (pod.spec?.volumes ?? []).filter(isSystemProjection).slice(0, 1)
    const env = system.map((volume) => ({
      name: serviceAccountVariable,
      value: volumes.directory(pod, volume),
    }))
    return { mounts: [], env }
  }

  async #dnsMount(pod: Pod): Promise<readonly Mount[]> {
    const { dns, runtime } = this.#services
    return dns && runtime.isolation ? resolvConfMount(pod, dns, runtime.isolation) : []
  }

  /** A file for the last words, if the manifest names one and it can be had. */
  async #messageMount(pod: Pod, spec: Container, restart: number): Promise<readonly Mount[]> {
    const { isolation } = this.#services.runtime
    const { name, terminationMessagePath: path = usualMessagePath } = spec
    if (!isolation || !hasMessageFile(isolation, path)) return []
    if ((await isolation.hindrance()) !== undefined) return []
    const ref = { podUid: pod.metadata.uid ?? '', container: name, restart }
    return [await messageMount(isolation, ref, path)]
  }

  /** Whom to run as, if that can be; if not, an Event says so. Rejects with StartFailed. */
  async #user(pod: Pod, container: PodContainer, image: ImageStatus) {
    const { runtime, recorder } = this.#services
    if (!runtime.isolation) return undefined
    const user = containerUser(pod, container.spec, this.#usualUser(image))
    if (!user) return undefined
    const hindrance = await runtime.isolation.hindrance()
    if (hindrance === undefined) return user
    const text = `runAsUser ${user.uid} of container ${container.spec.name} is not heeded: ${hindrance}`
    recorder.event(pod, 'Warning', 'RunAsUserIgnored', text, containerFieldPath(container))
    return undefined
  }

  /** Whom a container runs as whose manifest says nothing: a uid, or a name in its image. */
  #usualUser({ user = 0 }: ImageStatus): number | string {
    return this.#services.runtime.isolation?.hasOwnRoots ? user : (process.getuid?.() ?? user)
  }

  /** Where they cannot be held, an Event says so once. */
  #limits(pod: Pod, container: PodContainer): ContainerLimits {
    const limits = containerLimits(container.spec)
    const { runtime, recorder } = this.#services
    const { name } = container.spec
    const hindrance = runtime.isolation?.limitHindrance
    const isLimited = limits.cpuMillis !== undefined || limits.memoryBytes !== undefined
    if (isLimited && hindrance !== undefined && !this.#toldLimits.has(name)) {
      this.#toldLimits.add(name)
      const text = `limits of container ${name} are not held: ${hindrance}`
      recorder.event(pod, 'Warning', 'LimitsNotHeld', text, containerFieldPath(container))
    }
    return limits
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

function isSystemVolume(pod: Pod, name: string): boolean {
  const volume = pod.spec?.volumes?.find((one) => one.name === name)
  return volume !== undefined && isSystemProjection(volume)
}
