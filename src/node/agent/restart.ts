import type { ContainerRecord, ContainerState } from '../runtime.ts'
import type { ContainerRole } from './pod-containers.ts'

const backoffMsFirst = 10_000
const backoffMsMax = 300_000
/** A run this long forgives the crashes before it (F-04). */
const healthyRunMs = 600_000

type Exited = Extract<ContainerState, { phase: 'exited' }>

/** Whether a container that ended is to run again. */
export function shouldRestart(
  role: ContainerRole,
  policy: string | undefined,
  exitCode: number | undefined,
): boolean {
  if (role === 'sidecar') return true
  if (policy === 'Never') return false
  if (policy === 'OnFailure' || role === 'init') return exitCode !== 0
  return true
}

/**
 * How long to wait between the last end and the next start, from the ended attempts, oldest first
 * (F-04): the first restart is immediate, then 10, 20, 40 … 300 s; a run of ten minutes starts
 * over.
 */
export function crashBackoffMs(ended: readonly Exited[]): number {
  let delayMs = -1
  for (const { startedAtMs, finishedAtMs } of ended) {
    if (finishedAtMs - startedAtMs >= healthyRunMs) delayMs = -1
    if (delayMs < 0) delayMs = 0
    else delayMs = delayMs === 0 ? backoffMsFirst : Math.min(delayMs * 2, backoffMsMax)
  }
  return Math.max(delayMs, 0)
}

export function endedStates(records: readonly ContainerRecord[]): readonly Exited[] {
  return records
    .map(({ state }) => state)
    .filter((state): state is Exited => state.phase === 'exited')
}
