import type { ContainerStatus } from '../../api/generated/types.ts'
import type { ContainerState } from '../runtime.ts'
import type { Attempt } from './observed-pod.ts'

export interface RecalledFrom {
  readonly podUid: string
  readonly nowMs: number
}

/**
 * The last start of a container that the runtime knows nothing of any more, as the API tells of it:
 * it has ended, whether or not somebody has seen how (`ContainerStatusUnknown`). undefined: it has
 * never been started.
 */
export function recalledAttempt(
  status: ContainerStatus,
  { podUid, nowMs }: RecalledFrom,
): Attempt | undefined {
  const state = endOf(status, nowMs)
  const { name: container, restartCount: restart, image, imageID: imageId } = status
  const containerId = status.containerID
  if (!state || containerId === undefined) return undefined
  return { podUid, container, restart, containerId, image, imageId, state }
}

function endOf({ state, lastState }: ContainerStatus, nowMs: number): ContainerState | undefined {
  const phase = 'exited'
  const signal = undefined
  if (state?.running) {
    const startedAtMs = millis(state.running.startedAt, nowMs)
    return { phase, startedAtMs, finishedAtMs: nowMs, exitCode: undefined, signal }
  }
  const ended = state?.terminated ?? lastState?.terminated
  if (!ended) return undefined
  const finishedAtMs = millis(ended.finishedAt, nowMs)
  const startedAtMs = millis(ended.startedAt, finishedAtMs)
  return { phase, startedAtMs, finishedAtMs, exitCode: ended.exitCode, signal }
}

function millis(time: string | undefined, otherwiseMs: number): number {
  return time === undefined ? otherwiseMs : Date.parse(time)
}
