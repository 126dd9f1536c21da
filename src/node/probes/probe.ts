import type { Container, Pod, Probe } from '../../api/generated/types.ts'
import type { ContainerRef, Sandbox } from '../runtime.ts'

/** What a probe is asked of. */
export interface ProbeTarget {
  readonly pod: Pod
  readonly container: Container
  readonly ref: ContainerRef
  readonly sandbox: Sandbox
}

/** `error`: the probe itself could not be carried out; it counts as a failure (F-09). */
export interface ProbeOutcome {
  readonly result: 'success' | 'failure' | 'error'
  readonly output: string
}

export type ProbeRunner = (target: ProbeTarget, probe: Probe) => Promise<ProbeOutcome>

export const success = (output = ''): ProbeOutcome => ({ result: 'success', output })
export const failure = (output: string): ProbeOutcome => ({ result: 'failure', output })
export const errored = (output: string): ProbeOutcome => ({ result: 'error', output })

export const probeTimeoutMs = (probe: Probe): number => (probe.timeoutSeconds ?? 1) * 1000
