import type { ContainerState, ContainerStatus } from '../../api/generated/types.ts'
import { timestamp } from '../../base/clock.ts'
import type { ContainerState as RuntimeState } from '../runtime.ts'
import {
  type Attempt,
  latestAttempt,
  type ObservedContainer,
  type Waiting,
} from './observed-pod.ts'

type Exited = Extract<RuntimeState, { phase: 'exited' }>

const exitCodeUnknown = 137
const unknownEnd = 'The container could not be located when the pod was looked at'

/** The words for an end (F-03). */
function terminatedState(record: Attempt): ContainerState {
  const { state } = record
  if (state.phase === 'running') return { running: { startedAt: timestamp(state.startedAtMs) } }
  const { exitCode, signal } = state
  const message = exitCode === undefined ? unknownEnd : record.message
  return {
    terminated: {
      exitCode: exitCode ?? exitCodeUnknown,
      ...(signal !== undefined && { signal }),
      reason: reasonOf(state),
      ...(message !== undefined && { message }),
      startedAt: timestamp(state.startedAtMs),
      finishedAt: timestamp(state.finishedAtMs),
      containerID: record.containerId,
    },
  }
}

function reasonOf({ exitCode, isOutOfMemory }: Exited): string {
  if (exitCode === undefined) return 'ContainerStatusUnknown'
  if (isOutOfMemory) return 'OOMKilled'
  return exitCode === 0 ? 'Completed' : 'Error'
}

function stateOf(container: ObservedContainer, waiting: Waiting | undefined): ContainerState {
  if (waiting) {
    const { reason, message } = waiting
    return { waiting: { reason, ...(message !== undefined && { message }) } }
  }
  const latest = latestAttempt(container)
  return latest ? terminatedState(latest) : { waiting: { reason: 'ContainerCreating' } }
}

/**
 * One entry of status.containerStatuses. `waiting` says why the container is not running, if it is
 * to run; its last end is then in `lastState`.
 */
export function containerStatus(
  container: ObservedContainer,
  waiting: Waiting | undefined,
): ContainerStatus {
  const latest = latestAttempt(container)
  const running = latest?.state.phase === 'running'
  const last = waiting ? latest : container.attempts.at(-2)
  return {
    name: container.spec.name,
    state: stateOf(container, waiting),
    lastState: last ? terminatedState(last) : {},
    ready:
      container.role === 'init'
        ? latest?.state.phase === 'exited' && latest.state.exitCode === 0
        : running && container.ready,
    restartCount: latest?.restart ?? 0,
    image: container.spec.image ?? '',
    imageID: latest?.imageId ?? '',
    ...(latest && { containerID: latest.containerId }),
    started: running && container.started,
  }
}
