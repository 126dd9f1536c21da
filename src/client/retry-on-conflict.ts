import { isStatusError } from '../api/status-error.ts'
import { sleep } from '../base/clock.ts'
import type { Context } from '../base/context.ts'

const delayMs = 10
/** Between two tries, when many have failed. */
const delayMsMax = 500

/**
 * Tries for an object whose status is written all the time, as a workload's in the middle of a
 * rollout: each such write is a conflict, and none of them a reason to give up.
 */
export const busyTriesMax = 30

/**
 * Runs `attempt`, which must read the object anew and write it, until the write meets no conflict:
 * at most `triesMax` times, about 10 ms apart, and after the fifth ever further. Rejects with the
 * last Conflict, or at once with any other error.
 */
export async function retryOnConflict<T>(
  { clock, prng }: Pick<Context, 'clock' | 'prng'>,
  attempt: () => Promise<T>,
  triesMax = 5,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isStatusError(error, 'Conflict') || tries === triesMax) throw error
    }
    const longerMs = Math.min(delayMs * 2 ** Math.max(0, tries - 5), delayMsMax)
    await sleep(clock, longerMs * (1 + prng.next()))
  }
}
