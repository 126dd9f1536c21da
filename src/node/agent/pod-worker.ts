import type { ObjectMeta, Pod } from '../../api/generated/types.ts'
import { isTerminating, keyOf } from '../../api/object.ts'
import { isPodTerminal } from '../../api/pod-facts.ts'
import { pods } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import { sleep, type Timer } from '../../base/clock.ts'
import type { ContainerRecord, Sandbox } from '../runtime.ts'
import { showsObject } from '../volumes/pod-volumes.ts'
import type { AgentServices } from './agent-services.ts'
import { sandboxIsolation } from './container-security.ts'
import { ContainerStarter } from './container-starter.ts'
import { ContainerTable } from './container-table.ts'
import { graceMsOf } from './end-container.ts'
import type { ObservedPod } from './observed-pod.ts'
import { type PodPlan, planPod, type StartAction } from './plan-pod.ts'
import { containerFieldPath, type PodContainer, podContainers } from './pod-containers.ts'
import { podStatus } from './pod-status.ts'
import { PodTerminator } from './pod-terminator.ts'
import { hintAtPort } from './port-hint.ts'
import { runPostStart } from './post-start.ts'
import { withPorts } from './published-ports.ts'
import { readySoonUntilMs } from './ready-soon.ts'
import { StatusWriter } from './status-writer.ts'
import { terminationMessage } from './termination-message.ts'

const retryMsAfterFault = 1_000
/** A start that takes longer shows before it is done. */
const briefStartMs = 200
/** Until it says so: its controller may make the next one at once, and again. */
const refusalDelayMs = 1_000

interface Refusal {
  readonly reason: string
  readonly message: string
  readonly dueMs: number
}

/** What the runtime knew of a pod when the agent began: it is adopted, not started again. */
export interface Adopted {
  /** undefined: the pod has none, or one that was lost while nobody looked. */
  readonly sandbox: Sandbox | undefined
  readonly records: readonly ContainerRecord[]
}

export const nothingAdopted: Adopted = { sandbox: undefined, records: [] }

/**
 * Brings one pod on this node to what its spec says, one step after the other; never two steps at
 * once.
 */
export class PodWorker {
  readonly #services: AgentServices
  readonly #starter: ContainerStarter
  readonly #terminator: PodTerminator
  readonly #writer: StatusWriter
  readonly #table: ContainerTable
  #pod: Pod
  #sandbox: Sandbox | undefined
  #hasLostSandbox = false
  #refusal: Refusal | undefined
  /** Not taken in yet. */
  #adopted: Adopted | undefined
  #dirty = false
  #running: Promise<void> | undefined
  #timer: Timer | undefined
  #detached = false

  constructor(services: AgentServices, pod: Pod, adopted = nothingAdopted) {
    this.#services = services
    this.#pod = pod
    this.#starter = new ContainerStarter(services)
    this.#terminator = new PodTerminator(services)
    this.#writer = new StatusWriter(services.transport)
    this.#table = new ContainerTable({ services, onChange: () => this.wake() })
    this.#sandbox = adopted.sandbox
    this.#adopted = adopted
    if (!adopted.sandbox) return
    for (const record of adopted.records.filter(isRunning)) {
      this.#table.take(record, this.#withPorts, adopted.sandbox)
    }
  }

  get pod(): Pod {
    return this.#pod
  }

  /** As it is once its ports are published: it runs, and may be ended, before that. */
  get #withPorts(): Pod {
    return withPorts(this.#pod, this.#sandbox)
  }

  /** This node cannot run the pod, and never will: it fails, and somebody may make another. */
  refuse(reason: string, message: string): void {
    const dueMs = this.#services.context.clock.now() + refusalDelayMs
    this.#refusal = { reason, message, dueMs }
    this.#services.recorder.event(this.#pod, 'Warning', reason, message)
  }

  /** The newest attempt of a container, or with `previous` the one before it. */
  attempt(container: string, previous: boolean): ContainerRecord | undefined {
    return this.#table.attempts(container).at(previous ? -2 : -1)
  }

  /** A newer object from the API; one older than our own last write is ignored. */
  update(pod: Pod): void {
    if (Number(pod.metadata.resourceVersion) < Number(this.#pod.metadata.resourceVersion)) return
    const before = metadataText(this.#pod)
    this.#pod = pod
    if (isTerminating(pod)) this.#terminator.expect(pod)
    if (metadataText(pod) !== before) this.refreshVolumes()
    this.wake()
  }

  /** The pod, or something that its volumes show, has changed. */
  refreshVolumes(): void {
    if (!this.#sandbox || this.#detached) return
    this.#starter.refreshVolumes(this.#pod, this.#sandbox).catch((error) => {
      const { log } = this.#services.context
      log.warn('volumes were not refreshed', { pod: keyOf(this.#pod), error: String(error) })
    })
  }

  showsObject(kind: 'configMap' | 'secret', { namespace, name = '' }: ObjectMeta): boolean {
    return namespace === this.#pod.metadata.namespace && showsObject(this.#pod, kind, name)
  }

  async exited(record: ContainerRecord): Promise<void> {
    await this.#takeEnded(record)
    if (!isTerminating(this.#pod)) this.#hint(record)
    this.wake()
  }

  #hint(record: ContainerRecord): void {
    hintAtPort(this.#services, this.#pod, { record, sandbox: this.#sandbox }).catch((error) =>
      this.#services.context.log.warn('a log could not be read', { error: String(error) }),
    )
  }

  /** Nothing of it runs any more: what is to run gets another, and another address. */
  sandboxLost(): void {
    if (this.#detached) return
    this.#sandbox = undefined
    this.#hasLostSandbox = true
    this.#table.sandboxLost()
    this.wake()
  }

  /** What ran when the agent began, and what ended before; of a lost sandbox nothing may go on. */
  async #takeIn({ sandbox, records }: Adopted): Promise<void> {
    const { runtime } = this.#services
    const isLost = sandbox === undefined && records.length > 0
    if (isLost) await Promise.all(records.map((record) => runtime.stopContainer(record, 0)))
    const isOurs = ({ podUid }: ContainerRecord) => podUid === this.#pod.metadata.uid
    const known = isLost ? (await runtime.containers()).filter(isOurs) : records
    for (const record of known) if (!isRunning(record)) await this.#takeEnded(record)
    if (!isPodTerminal(this.#pod)) this.#table.recall(this.#pod)
    if (!sandbox) this.#table.sandboxLost()
    this.#hasLostSandbox = isLost
    this.#adopted = undefined
  }

  async #takeEnded(record: ContainerRecord): Promise<void> {
    const container = podContainers(this.#pod).find(({ spec }) => spec.name === record.container)
    const message =
      container && (await terminationMessage(this.#services.runtime, container.spec, record))
    this.#table.take({ ...record, message }, this.#withPorts, this.#sandbox)
  }

  /** Asks for one more step; safe at any time. */
  wake(): void {
    this.#dirty = true
    this.#running ??= this.#run()
  }

  /** The pod is gone from the API: what is left of it ends at once (E-09). */
  async remove(): Promise<void> {
    this.#terminator.endNow()
    await this.letGo()
    await this.#services.runtime.removeSandbox(this.#pod.metadata.uid ?? '')
  }

  /**
   * The engine goes down: containers end gracefully, the pod stays in the API and starts again
   * later.
   */
  async shutDown(): Promise<void> {
    await this.letGo()
    const options = { sandbox: this.#sandbox, drain: false }
    await this.#terminator.terminate(this.#withPorts, this.#observe().containers, options)
  }

  /** Stops looking after the pod without touching it. */
  async letGo(): Promise<void> {
    this.#detached = true
    this.#timer?.cancel()
    this.#table.stopProbing()
    this.#starter.stop()
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#dirty && !this.#detached) {
      this.#dirty = false
      try {
        if (this.#adopted) await this.#takeIn(this.#adopted)
        await (isTerminating(this.#pod) ? this.#terminate() : this.#step())
      } catch (error) {
        this.#failed(error)
      }
    }
    this.#running = undefined
  }

  /** The pod vanished or changed meanwhile: its event follows. Anything else is tried again. */
  #failed(error: unknown): void {
    if (isStatusError(error, 'NotFound') || isStatusError(error, 'Conflict')) return
    const { log, clock } = this.#services.context
    log.error('a step of the pod failed', { pod: keyOf(this.#pod), error: String(error) })
    this.#wakeAt(clock.now() + retryMsAfterFault)
  }

  async #step(): Promise<void> {
    if (this.#isOver()) return
    if (this.#refusal) return this.#fail(this.#refusal)
    const plan = planPod(this.#observe())
    if (plan.needsSandbox) await this.#makeSandbox()
    if (plan.start.length > 0) await this.#startAll(plan)
    for (const record of plan.stop.toReversed()) {
      await this.#services.runtime.stopContainer(record, graceMsOf(this.#pod))
    }
    const observed = this.#observe()
    const next = planPod(observed)
    const untilMs = readySoonUntilMs(observed)
    if (untilMs === undefined) {
      await this.#writeStatus(next)
      this.#tellBackOff(next)
    }
    this.#wakeAt(untilMs ?? next.wakeAtMs)
    if (next.start.length > 0) this.#dirty = true
  }

  /**
   * The pod has ended for good, and its containers are forgotten here: nothing is to be done or
   * said.
   */
  #isOver(): boolean {
    const isTerminal = ['Succeeded', 'Failed'].includes(this.#pod.status?.phase ?? '')
    return isTerminal && this.#observe().containers.every(({ attempts }) => attempts.length === 0)
  }

  async #fail({ reason, message, dueMs }: Refusal): Promise<void> {
    if (this.#services.context.clock.now() < dueMs) {
      this.#wakeAt(dueMs)
      return
    }
    const { qosClass } = this.#pod.status ?? {}
    const status = { phase: 'Failed', reason, message: `Pod was rejected: ${message}`, qosClass }
    this.#pod = await this.#writer.write(this.#pod, status, undefined)
  }

  /** What most starts show in between is over before anybody could read it: it is not written. */
  async #startAll(plan: PodPlan): Promise<void> {
    const sandbox = this.#sandbox
    if (!sandbox) return
    const started = new AbortController()
    const starting = Promise.all(plan.start.map((action) => this.#start(action, sandbox)))
    await Promise.all([
      starting.finally(() => started.abort()),
      this.#showStarting(plan, started.signal),
    ])
  }

  async #showStarting(plan: PodPlan, started: AbortSignal): Promise<void> {
    await sleep(this.#services.context.clock, briefStartMs, started)
    if (!started.aborted) await this.#writeStatus(plan)
  }

  async #start(action: StartAction, sandbox: Sandbox): Promise<void> {
    const outcome = await this.#starter.start(this.#withPorts, action, sandbox)
    const { container } = action
    if ('reason' in outcome) this.#table.block(container.spec.name, outcome)
    else if (container.spec.lifecycle?.postStart) {
      void this.#afterStart(container, outcome, sandbox)
    } else this.#table.take(outcome, this.#withPorts, sandbox)
  }

  /** Until its postStart hook has succeeded a container is not ready. */
  async #afterStart(
    container: PodContainer,
    record: ContainerRecord,
    sandbox: Sandbox,
  ): Promise<void> {
    this.#table.takeUnprobed(record)
    const hasSucceeded = await runPostStart(this.#services, {
      pod: this.#withPorts,
      container,
      record,
      sandbox,
    })
    if (!hasSucceeded || this.#detached) return
    this.#table.take(record, this.#withPorts, sandbox)
    this.wake()
  }

  async #terminate(): Promise<void> {
    this.#timer?.cancel()
    this.#table.stopLivenessProbing()
    const options = { sandbox: this.#sandbox, drain: true }
    await this.#terminator.terminate(this.#withPorts, this.#observe().containers, options)
    if (this.#detached) return
    const { runtime, transport } = this.#services
    for (const record of await runtime.containers()) {
      if (record.podUid === this.#pod.metadata.uid) await this.#takeEnded(record)
    }
    this.#table.stopProbing()
    await this.#writeStatus(planPod(this.#observe()))
    await transport.delete(pods, keyOf(this.#pod), {
      gracePeriodSeconds: 0,
      preconditions: { uid: this.#pod.metadata.uid },
    })
  }

  async #makeSandbox(): Promise<void> {
    if (this.#hasLostSandbox) {
      const text = 'Pod sandbox changed, it will be killed and re-created.'
      this.#services.recorder.event(this.#pod, 'Normal', 'SandboxChanged', text)
      this.#hasLostSandbox = false
    }
    const { metadata } = this.#pod
    const ports = podContainers(this.#pod).flatMap(({ spec }) => spec.ports ?? [])
    const spec = {
      podUid: metadata.uid ?? '',
      namespace: metadata.namespace ?? '',
      name: metadata.name ?? '',
      ports: ports
        .filter(({ protocol }) => protocol === undefined || protocol === 'TCP')
        .map(({ containerPort, name, hostPort }) => ({ containerPort, name, hostPort })),
      isHostNetwork: this.#pod.spec?.hostNetwork === true,
      isolation: sandboxIsolation(this.#pod),
    }
    this.#sandbox = await this.#services.runtime.runSandbox(spec).catch((error: Error) => {
      const text = `Failed to create pod sandbox: ${error.message}`
      this.#services.recorder.event(this.#pod, 'Warning', 'FailedCreatePodSandBox', text)
      throw error
    })
  }

  async #writeStatus(plan: PodPlan): Promise<void> {
    const status = podStatus(this.#observe(), plan)
    const written = await this.#writer.write(this.#pod, status, this.#sandbox)
    if (Number(written.metadata.resourceVersion) > Number(this.#pod.metadata.resourceVersion)) {
      this.#pod = written
    }
  }

  /** After a status has shown the failure itself, the next shows the waiting (F-04, F-05). */
  #tellBackOff(plan: PodPlan): void {
    const { recorder } = this.#services
    for (const container of podContainers(this.#pod)) {
      const { name } = container.spec
      const blocked = this.#table.blocked(name)
      if (blocked?.reason === 'ErrImagePull') {
        this.#table.block(name, this.#starter.backingOff(this.#pod, container, blocked))
        this.#dirty = true
      }
      if (!plan.backOff.has(name)) continue
      const { metadata } = this.#pod
      const pod = `${metadata.name}_${metadata.namespace}(${metadata.uid})`
      const text = `Back-off restarting failed container ${name} in pod ${pod}`
      recorder.event(this.#pod, 'Warning', 'BackOff', text, containerFieldPath(container))
    }
  }

  #observe(): ObservedPod {
    return {
      pod: this.#pod,
      sandbox: this.#sandbox,
      containers: this.#table.observe(this.#pod),
      nowMs: this.#services.context.clock.now(),
      terminating: isTerminating(this.#pod),
    }
  }

  #wakeAt(atMs: number | undefined): void {
    this.#timer?.cancel()
    if (atMs === undefined || this.#detached) return
    const { clock } = this.#services.context
    this.#timer = clock.setTimeout(() => this.wake(), Math.max(atMs - clock.now(), 0))
  }
}

function isRunning({ state }: ContainerRecord): boolean {
  return state.phase === 'running'
}

/** What of a pod its own volumes may show and its owner may change. */
function metadataText({ metadata: { labels, annotations } }: Pod): string {
  return JSON.stringify([labels, annotations])
}
