import type { Pod } from '../../api/generated/types.ts'
import type { ContainerRecord, Sandbox } from '../runtime.ts'
import type { PodContainer } from './pod-containers.ts'

/**
 * Why a container is not running, in the words of status.containerStatuses[].state.waiting (F-03).
 */
export interface Waiting {
  readonly reason: string
  readonly message?: string
  /** No new try before this time (milliseconds since the epoch). */
  readonly retryAtMs?: number
}

/** One start of a container, and what it has left as its message (`terminationMessagePath`). */
export interface Attempt extends ContainerRecord {
  readonly message?: string
}

/** Everything known of one container at one moment. */
export interface ObservedContainer extends PodContainer {
  /** All attempts, oldest first. */
  readonly attempts: readonly Attempt[]
  /**
   * The number of the next attempt where the runtime knows of none: above 0 when records were lost.
   */
  readonly firstRestart: number
  /** What stopped the next start: image pull or start failure. */
  readonly blocked: Waiting | undefined
  /** Startup probe passed, or there is none; false while not running. */
  readonly started: boolean
  /** Readiness probe passed, or there is none; false while not started. */
  readonly ready: boolean
}

/** The frozen input of `planPod` and `podStatus`. */
export interface ObservedPod {
  readonly pod: Pod
  readonly sandbox: Sandbox | undefined
  readonly containers: readonly ObservedContainer[]
  readonly nowMs: number
  /** The containers are being stopped, or are stopped, for good. */
  readonly terminating: boolean
}

export function latestAttempt(container: ObservedContainer): Attempt | undefined {
  return container.attempts.at(-1)
}

export function isRunning(container: ObservedContainer): boolean {
  return latestAttempt(container)?.state.phase === 'running'
}

/** Init containers have run once; after that they do not run again. */
export function isInitialized(pod: Pod): boolean {
  const conditions = pod.status?.conditions ?? []
  return conditions.some(({ type, status }) => type === 'Initialized' && status === 'True')
}
