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
  /** It ran in a sandbox that is lost. */
  readonly isFormer?: boolean
}

/** Everything known of one container at one moment. */
export interface ObservedContainer extends PodContainer {
  /** All attempts, oldest first. */
  readonly attempts: readonly Attempt[]
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

/** An init container that has done its work in the present sandbox, or a sidecar that is up. */
export function isComplete(container: ObservedContainer): boolean {
  if (container.role === 'sidecar') return container.started
  const latest = latestAttempt(container)
  return latest?.state.phase === 'exited' && latest.state.exitCode === 0 && !latest.isFormer
}

/**
 * Init containers run once for every sandbox: those of a pod that has started a main container in
 * its present one are not looked at again.
 */
export function isInitialized({ containers }: ObservedPod): boolean {
  const isStarted = ({ attempts }: ObservedContainer) => attempts.some(({ isFormer }) => !isFormer)
  const mains = containers.filter(({ role }) => role === 'main')
  return mains.some(isStarted) || containers.every((c) => c.role === 'main' || isComplete(c))
}
