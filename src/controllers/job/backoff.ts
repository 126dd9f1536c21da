import type { Pod } from '../../api/generated/types.ts'

const firstMs = 10_000
const maxMs = 10 * 60_000

/**
 * When a pod ended, in milliseconds since the epoch: when the last of its containers did, else when
 * it was not ready any more, else when it was deleted; as upstream looks for it.
 */
export function endedAtMs({ metadata, status }: Pod): number {
  const ends = (status?.containerStatuses ?? []).map(({ state }) => state?.terminated?.finishedAt)
  const known = ends.flatMap((time) => (time ? Date.parse(time) : []))
  if (known.length > 0 && known.length === ends.length) return Math.max(...known)
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.status === 'False' && ready.lastTransitionTime) {
    return Date.parse(ready.lastTransitionTime)
  }
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = metadata
  if (deletionTimestamp) return Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000
  return creationTimestamp ? Date.parse(creationTimestamp) : 0
}

/**
 * When a pod may take the place of those that failed: 10 s after the last failure, twice as long
 * for each one before it since the last success, at most 10 minutes. 0 without a failure.
 */
export function retryAtMs(failed: readonly Pod[], succeeded: readonly Pod[]): number {
  const lastSuccessMs = Math.max(0, ...succeeded.map(endedAtMs))
  const failures = failed.map(endedAtMs).filter((atMs) => atMs > lastSuccessMs)
  if (failures.length === 0) return 0
  return Math.max(...failures) + delayMs(failures.length)
}

export function delayMs(failures: number): number {
  return Math.min(firstMs * 2 ** (failures - 1), maxMs)
}
