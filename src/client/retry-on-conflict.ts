import { isStatusError } from '../api/status-error.ts'
import { sleep } from '../base/clock.ts'
import type { Context } from '../base/context.ts'

const triesMax = 5
const delayMs = 10

/**
 * Runs `attempt`, which must read the object anew and write it, until the write meets no conflict:
 * at most 5 times, about 10 ms apart. Rejects with the last Conflict, or at once with any other
 * error.
 */
export async function retryOnConflict<T>(
  { clock, prng }: Pick<Context, 'clock' | 'prng'>,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (!isStatusError(error, 'Conflict') || tries === triesMax) throw error
    }
    await sleep(clock, delayMs * (1 + prng.next()))
  }
}
