import {
  isRunning,
  latestAttempt,
  type ObservedContainer,
  type ObservedPod,
} from './observed-pod.ts'

/** A program that answers its first probes within this shows as ready at once. */
const readySoonMs = 50

/**
 * Until when a status can wait for the first success of the probes of what has just started:
 * `Running, not ready` for some milliseconds is news to nobody, and as dear as what follows it.
 * Undefined when there is nothing to wait for.
 */
export function readySoonUntilMs({ containers, nowMs }: ObservedPod): number | undefined {
  const until = containers.flatMap((container) => {
    const startedAtMs = waitingSinceMs(container)
    if (startedAtMs === undefined || startedAtMs > nowMs) return []
    const untilMs = startedAtMs + readySoonMs
    return untilMs > nowMs ? [untilMs] : []
  })
  return until.length > 0 ? Math.min(...until) : undefined
}

/** When a container has started that is still to pass a probe. */
function waitingSinceMs(container: ObservedContainer): number | undefined {
  const { readinessProbe, startupProbe } = container.spec
  if (container.ready || !isRunning(container) || !(readinessProbe || startupProbe))
    return undefined
  return latestAttempt(container)?.state.startedAtMs
}
