import type { ContainerStatus, Pod } from '../../api/generated/types.ts'
import { isTerminating } from '../../api/object.ts'
import { ContainerProber } from '../probes/container-prober.ts'
import type { ContainerRecord, Sandbox } from '../runtime.ts'
import type { AgentServices } from './agent-services.ts'
import { endContainer, graceMsOf } from './end-container.ts'
import type { Attempt, ObservedContainer, Waiting } from './observed-pod.ts'
import { containerFieldPath, podContainers } from './pod-containers.ts'
import { recalledAttempt } from './recalled-attempt.ts'

export interface ContainerTableOptions {
  readonly services: AgentServices
  /** Something that a status shows has changed. */
  readonly onChange: () => void
}

/**
 * What is known of one pod's containers: attempts, what blocks the next start, and the probes of
 * those that run.
 */
export class ContainerTable {
  readonly #services: AgentServices
  readonly #onChange: () => void
  readonly #attempts = new Map<string, readonly Attempt[]>()
  readonly #blocked = new Map<string, Waiting>()
  readonly #probers = new Map<string, ContainerProber>()

  constructor({ services, onChange }: ContainerTableOptions) {
    this.#services = services
    this.#onChange = onChange
  }

  attempts(container: string): readonly Attempt[] {
    return this.#attempts.get(container) ?? []
  }

  block(container: string, waiting: Waiting): void {
    this.#blocked.set(container, waiting)
  }

  blocked(container: string): Waiting | undefined {
    return this.#blocked.get(container)
  }

  /**
   * Takes an attempt's newest state; one that runs is probed from now on, and not before ready. An
   * end is never taken back.
   */
  take(record: Attempt, pod: Pod, sandbox: Sandbox | undefined): void {
    this.takeUnprobed(record)
    const latest = this.attempts(record.container).at(-1)
    const isCurrent = latest?.containerId === record.containerId && latest.state.phase === 'running'
    if (isCurrent && sandbox) this.#probe(latest, pod, sandbox)
  }

  /** The same for one whose postStart hook has not ended: it is neither started nor ready. */
  takeUnprobed(record: Attempt): void {
    const { container, restart } = record
    const known = this.attempts(container)
    const before = known.find((one) => one.restart === restart)
    if (before?.state.phase === 'exited') return
    const isFormer = before?.isFormer === true
    const others = known.filter((one) => one.restart !== restart)
    this.#attempts.set(
      container,
      [...others, isFormer ? { ...record, isFormer } : record].sort(
        (a, b) => a.restart - b.restart,
      ),
    )
    this.#blocked.delete(container)
    this.#probers.get(container)?.stop()
    this.#probers.delete(container)
  }

  /** Takes what the API tells of containers that the runtime has nothing of. */
  recall(pod: Pod): void {
    const { uid: podUid = '' } = pod.metadata
    const nowMs = this.#services.context.clock.now()
    for (const status of containerStatuses(pod)) {
      if (this.#attempts.has(status.name)) continue
      const recalled = recalledAttempt(status, { podUid, nowMs })
      if (recalled) this.#attempts.set(status.name, [recalled])
    }
  }

  /** What has run up to now did so in a sandbox that is lost. */
  sandboxLost(): void {
    for (const [container, attempts] of this.#attempts) {
      this.#attempts.set(
        container,
        attempts.map((attempt) => ({ ...attempt, isFormer: true })),
      )
    }
  }

  stopProbing(): void {
    for (const prober of this.#probers.values()) prober.stop()
    this.#probers.clear()
  }

  /** The pod is being deleted: only readiness is still asked (F-08). */
  stopLivenessProbing(): void {
    for (const prober of this.#probers.values()) prober.terminating()
  }

  observe(pod: Pod): readonly ObservedContainer[] {
    return podContainers(pod).map((container) => {
      const { name } = container.spec
      const prober = this.#probers.get(name)
      return {
        ...container,
        attempts: this.attempts(name),
        blocked: this.#blocked.get(name),
        started: prober?.started ?? false,
        ready: prober?.ready ?? false,
      }
    })
  }

  #probe(record: ContainerRecord, pod: Pod, sandbox: Sandbox): void {
    const container = podContainers(pod).find(({ spec }) => spec.name === record.container)
    if (!container || record.state.phase !== 'running') return
    const { context, probe, recorder } = this.#services
    const fieldPath = containerFieldPath(container)
    const prober = new ContainerProber({
      clock: context.clock,
      target: { pod, container: container.spec, ref: record, sandbox },
      startedAtMs: record.state.startedAtMs,
      known: knownOf(record, pod),
      run: probe,
      onChange: this.#onChange,
      onFailure: (text) => recorder.event(pod, 'Warning', 'Unhealthy', text, fieldPath),
      onUnhealthy: (type, spec) => {
        const text = `Container ${record.container} failed ${type.toLowerCase()} probe, will be restarted`
        recorder.event(pod, 'Normal', 'Killing', text, fieldPath)
        void endContainer(this.#services, {
          pod,
          container: container.spec,
          record,
          sandbox,
          graceMs: graceMsOf(pod, spec),
        })
      },
    })
    if (isTerminating(pod)) prober.terminating()
    this.#probers.set(record.container, prober)
  }
}

function containerStatuses({ status }: Pod): readonly ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
}

/** What the API says of this very attempt; undefined for one that it has not heard of. */
function knownOf(
  { containerId }: ContainerRecord,
  pod: Pod,
): { readonly started: boolean; readonly ready: boolean } | undefined {
  const status = containerStatuses(pod).find(({ containerID }) => containerID === containerId)
  return status && { started: status.started === true, ready: status.ready }
}
