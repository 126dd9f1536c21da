import type { Pod } from '../api/generated/types.ts'
import { availableAtMs } from '../api/pod-facts.ts'

/** Until the next ready pod becomes available (C-09); undefined: none is waiting. */
export function untilAvailableMs(
  pods: readonly Pod[],
  minReadySeconds: number,
  nowMs: number,
): number | undefined {
  const waits = pods.flatMap((pod) => {
    const atMs = availableAtMs(pod, minReadySeconds)
    return atMs !== undefined && atMs > nowMs ? [atMs - nowMs] : []
  })
  return waits.length === 0 ? undefined : Math.min(...waits)
}
