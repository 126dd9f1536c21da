import type { Pod } from '../../api/generated/types.ts'

const firstMs = 10_000
const maxMs = 10 * 60_000

/** When a pod ended, as far as its status tells, in milliseconds since the epoch. */
export function endedAtMs({ metadata, status }: Pod): number {
  const finished = (status?.containerStatuses ?? []).flatMap(
    ({ state }) => state?.terminated?.finishedAt ?? [],
  )
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime
  const times =
    finished.length > 0
      ? finished
      : [metadata.deletionTimestamp ?? ready ?? metadata.creationTimestamp]
  return Math.max(...times.map((time) => (time ? Date.parse(time) : 0)))
}

/**
 * When a pod may take the place of those that failed: 10 s after the last failure, twice as long
 * for each one before it since the last success, at most 10 minutes. 0 without a failure.
 */
export function retryAtMs(failed: readonly Pod[], succeeded: readonly Pod[]): number {
  const lastSuccessMs = Math.max(0, ...succeeded.map(endedAtMs))
  const failures = failed.map(endedAtMs).filter((atMs) => atMs >= lastSuccessMs)
  if (failures.length === 0) return 0
  return Math.max(...failures) + delayMs(failures.length)
}

export function delayMs(failures: number): number {
  return Math.min(firstMs * 2 ** (failures - 1), maxMs)
}
