import type { ContainerRecord } from '../runtime.ts'
import {
  isInitialized,
  isRunning,
  latestAttempt,
  type ObservedContainer,
  type ObservedPod,
} from './observed-pod.ts'
import { crashBackoffMs, endedStates, shouldRestart } from './restart.ts'

export interface StartAction {
  readonly container: ObservedContainer
  /** The number of the attempt that begins. */
  readonly restart: number
}

export interface PodPlan {
  readonly needsSandbox: boolean
  readonly start: readonly StartAction[]
  /** Sidecars of a pod whose main containers are done. */
  readonly stop: readonly ContainerRecord[]
  /** Containers in crash back-off: name -> when the next attempt is due. */
  readonly backOff: ReadonlyMap<string, { readonly untilMs: number; readonly delayMs: number }>
  /** Look again at this time (milliseconds since the epoch), though nothing happens. */
  readonly wakeAtMs: number | undefined
}

type Next =
  | { readonly step: 'start'; readonly restart: number }
  | { readonly step: 'wait'; readonly untilMs: number; readonly delayMs: number }
  | { readonly step: 'blocked'; readonly untilMs: number }
  | { readonly step: 'running' }
  | { readonly step: 'done'; readonly succeeded: boolean }

/** What one container needs next, taken by itself. */
function nextOf(container: ObservedContainer, { pod, nowMs }: ObservedPod): Next {
  const latest = latestAttempt(container)
  if (latest?.state.phase === 'running') return { step: 'running' }
  const blockedUntilMs = container.blocked?.retryAtMs
  if (latest === undefined) {
    if (blockedUntilMs !== undefined && blockedUntilMs > nowMs) {
      return { step: 'blocked', untilMs: blockedUntilMs }
    }
    return { step: 'start', restart: 0 }
  }
  const { exitCode } = latest.state
  // A new sandbox begins with all init containers again.
  const isAgain = container.role === 'init' && latest.isFormer && exitCode === 0
  if (!isAgain && !shouldRestart(container.role, pod.spec?.restartPolicy, exitCode)) {
    return { step: 'done', succeeded: exitCode === 0 }
  }
  const delayMs = crashBackoffMs(endedStates(container.attempts))
  const untilMs = latest.state.finishedAtMs + delayMs
  if (untilMs > nowMs) return { step: 'wait', untilMs, delayMs }
  if (blockedUntilMs !== undefined && blockedUntilMs > nowMs) {
    return { step: 'blocked', untilMs: blockedUntilMs }
  }
  return { step: 'start', restart: latest.restart + 1 }
}

/**
 * Whether the containers after this one have to wait for it, in a pod that is not initialized yet.
 */
function holdsBack(container: ObservedContainer, observed: ObservedPod): boolean {
  if (container.role === 'main') return false
  if (container.role === 'sidecar') return !container.started
  const next = nextOf(container, observed)
  return next.step !== 'done' || !next.succeeded
}

/** The containers whose turn has come: init containers one after the other, then all the rest. */
function unlocked(observed: ObservedPod): readonly ObservedContainer[] {
  const { containers } = observed
  if (isInitialized(observed)) return containers.filter(({ role }) => role !== 'init')
  const holding = containers.findIndex((container) => holdsBack(container, observed))
  return holding < 0 ? containers : containers.slice(0, holding + 1)
}

function hasFailed(container: ObservedContainer, observed: ObservedPod): boolean {
  const next = nextOf(container, observed)
  return next.step === 'done' && !next.succeeded
}

/** True when every main container has ended for good, or an init container has failed for good. */
export function isFinished(observed: ObservedPod): boolean {
  const { containers } = observed
  return (
    containers.some((c) => c.role === 'init' && hasFailed(c, observed)) ||
    containers.every((c) => c.role !== 'main' || nextOf(c, observed).step === 'done')
  )
}

/** What to do for a pod now: pure, one step; called again after every change (F-01, F-04). */
export function planPod(observed: ObservedPod): PodPlan {
  const finished = isFinished(observed)
  const idle = observed.terminating || finished
  const nexts = (idle ? [] : unlocked(observed)).map((container) => ({
    container,
    next: nextOf(container, observed),
  }))
  const wakes = nexts.flatMap(({ next }) =>
    next.step === 'wait' || next.step === 'blocked' ? [next.untilMs] : [],
  )
  const start = nexts.flatMap(({ container, next }) =>
    next.step === 'start' ? [{ container, restart: next.restart }] : [],
  )
  return {
    needsSandbox: observed.sandbox === undefined && start.length > 0,
    start,
    stop: finished
      ? observed.containers.filter(isRunning).flatMap((c) => latestAttempt(c) ?? [])
      : [],
    backOff: new Map(
      nexts.flatMap(({ container, next }) =>
        next.step === 'wait'
          ? [[container.spec.name, { untilMs: next.untilMs, delayMs: next.delayMs }] as const]
          : [],
      ),
    ),
    wakeAtMs: wakes.length > 0 ? Math.min(...wakes) : undefined,
  }
}
