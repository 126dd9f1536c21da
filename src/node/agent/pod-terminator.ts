import type { Pod } from '../../api/generated/types.ts'
import type { ContainerRecord, Sandbox } from '../runtime.ts'
import type { AgentServices } from './agent-services.ts'
import { graceMsOf } from './end-container.ts'
import { runHook } from './lifecycle-hook.ts'
import type { ObservedContainer } from './observed-pod.ts'
import { isRunning, latestAttempt } from './observed-pod.ts'
import { containerFieldPath } from './pod-containers.ts'

/** The longest wait for traffic to leave, however long the grace period is. */
const drainMsMax = 10_000
/** What a program gets between SIGTERM and SIGKILL even if draining used up the grace period. */
const graceMsMin = 2_000

interface Running {
  readonly container: ObservedContainer
  readonly record: ContainerRecord
}

/**
 * Ends the containers of one pod (F-10): traffic leaves and preStop runs, then SIGTERM, then at the
 * end of the grace period SIGKILL; sidecars after the rest, in reverse order. No signal before the
 * proxies have acknowledged.
 */
export class PodTerminator {
  readonly #services: AgentServices
  #deadlineMs = Number.POSITIVE_INFINITY
  #shortened: (() => void)[] = []
  #onEndNow: () => void = () => {}
  readonly #endingNow = new Promise<undefined>((resolve) => {
    this.#onEndNow = () => resolve(undefined)
  })

  constructor(services: AgentServices) {
    this.#services = services
  }

  /** When SIGKILL is due, from the pod's own deletionTimestamp; a later call may only shorten. */
  expect(pod: Pod): void {
    const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata
    const graceMs =
      deletionGracePeriodSeconds === undefined
        ? graceMsOf(pod)
        : Number(deletionGracePeriodSeconds) * 1000
    const atMs = deletionTimestamp
      ? Math.max(Date.parse(deletionTimestamp), this.#services.context.clock.now())
      : this.#services.context.clock.now() + graceMs
    if (graceMs === 0) this.endNow()
    else if (atMs < this.#deadlineMs) this.#shorten(atMs)
  }

  /** SIGKILL is due now, whatever was promised: neither proxies nor hooks are waited for. */
  endNow(): void {
    if (this.#deadlineMs > 0) this.#shorten(0)
    this.#onEndNow()
  }

  #shorten(deadlineMs: number): void {
    this.#deadlineMs = deadlineMs
    for (const notify of this.#shortened) notify()
  }

  /** Ends all that run; resolves when they are gone. Without `drain` no proxy is waited for. */
  async terminate(
    pod: Pod,
    containers: readonly ObservedContainer[],
    { sandbox, drain }: { readonly sandbox: Sandbox | undefined; readonly drain: boolean },
  ): Promise<void> {
    this.expect(pod)
    const running = containers.filter(isRunning).flatMap((container) => {
      const record = latestAttempt(container)
      return record ? [{ container, record }] : []
    })
    if (running.length === 0 || !sandbox) return
    const drained = drain ? this.#services.gate.drained(pod, this.#drainMs()) : Promise.resolve()
    const first = running.filter(({ container }) => container.role !== 'sidecar')
    const sidecars = running.filter(({ container }) => container.role === 'sidecar').reverse()
    await Promise.all(first.map((one) => this.#end(pod, one, { sandbox, drained })))
    for (const sidecar of sidecars) await this.#end(pod, sidecar, { sandbox, drained })
  }

  async #end(
    pod: Pod,
    { container, record }: Running,
    { sandbox, drained }: { readonly sandbox: Sandbox; readonly drained: Promise<unknown> },
  ): Promise<void> {
    const { recorder } = this.#services
    const { name, lifecycle } = container.spec
    const fieldPath = containerFieldPath(container)
    recorder.event(pod, 'Normal', 'Killing', `Stopping container ${name}`, fieldPath)
    const hook = lifecycle?.preStop
    const timeoutMs = Math.max(this.#remainingMs(), graceMsMin)
    const preStop = hook && runHook(this.#services, hook, { pod, ref: record, sandbox, timeoutMs })
    const prepared = Promise.all([preStop, drained]).then(([failure]) => failure)
    const failed = await Promise.race([prepared, this.#endingNow])
    if (failed !== undefined) {
      recorder.event(
        pod,
        'Warning',
        'FailedPreStopHook',
        `PreStopHook failed: ${failed}`,
        fieldPath,
      )
    }
    await this.#stop(record)
  }

  async #stop(record: ContainerRecord): Promise<void> {
    const { runtime } = this.#services
    const again = () => void runtime.stopContainer(record, this.#remainingMs())
    this.#shortened.push(again)
    const graceMs = this.#deadlineMs === 0 ? 0 : Math.max(this.#remainingMs(), graceMsMin)
    await runtime.stopContainer(record, graceMs)
    this.#shortened = this.#shortened.filter((notify) => notify !== again)
  }

  #remainingMs(): number {
    return Math.max(this.#deadlineMs - this.#services.context.clock.now(), 0)
  }

  #drainMs(): number {
    return Math.min(drainMsMax, this.#remainingMs() / 2)
  }
}
