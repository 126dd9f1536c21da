import type { Container, Pod, Probe } from '../../api/generated/types.ts'
import type { ContainerRecord, Sandbox } from '../runtime.ts'
import type { AgentServices } from './agent-services.ts'
import { runHook } from './lifecycle-hook.ts'

const graceSecondsDefault = 30
/** What a program gets for SIGTERM when its preStop hook has used up the grace period. */
const graceMsMin = 2_000

/** The grace period of the pod's containers, or the one that a probe has for itself. */
export function graceMsOf(pod: Pod, probe?: Probe): number {
  const ofPod = pod.spec?.terminationGracePeriodSeconds ?? graceSecondsDefault
  return Number(probe?.terminationGracePeriodSeconds ?? ofPod) * 1000
}

export interface Ending {
  readonly pod: Pod
  readonly container: Container
  readonly record: ContainerRecord
  readonly sandbox: Sandbox
  readonly graceMs: number
}

/**
 * Ends one container of a pod that stays: preStop, SIGTERM, SIGKILL; the restart policy decides
 * what follows (F-08).
 */
export async function endContainer(services: AgentServices, ending: Ending): Promise<void> {
  const { pod, container, record, sandbox, graceMs } = ending
  const { clock } = services.context
  const startMs = clock.now()
  const hook = container.lifecycle?.preStop
  if (hook) await runHook(services, hook, { pod, ref: record, sandbox, timeoutMs: graceMs })
  const leftMs = graceMs - (clock.now() - startMs)
  await services.runtime.stopContainer(record, hook ? Math.max(leftMs, graceMsMin) : graceMs)
}
