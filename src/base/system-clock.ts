import type { Clock } from './clock.ts'

/** The longest delay Node's timers take (2^31 - 1 ms); a longer one would fire at once. */
const delayMsMax = 2_147_483_647

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback, delayMs) {
    const handle = setTimeout(callback, Math.min(Math.max(delayMs, 0), delayMsMax))
    return { cancel: () => clearTimeout(handle) }
  },
}
