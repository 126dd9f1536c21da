/** A scheduled call that has not happened yet. */
export interface Timer {
  cancel(): void
}

/** Time as an input: the system's in production, a virtual one in tests, simulation and `plan`. */
export interface Clock {
  /** Wall time in milliseconds since the epoch. */
  now(): number
  /** Milliseconds that never go backwards, from an arbitrary start: for measuring durations. */
  monotonic(): number
  /** Calls `callback` once, `delayMs` from now (0 = as soon as the caller has returned). */
  setTimeout(callback: () => void, delayMs: number): Timer
}

/**
 * Resolves after `delayMs`, or at once when `signal` aborts (it never rejects: check the signal).
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = () => {
      timer.cancel()
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = clock.setTimeout(finish, delayMs)
    signal?.addEventListener('abort', finish)
  })
}

/** The last second that was asked for: most of the many writes of a second ask for the same. */
let lastSecond = Number.NaN
let lastText = ''

/** RFC 3339 in UTC with whole seconds: the form of every `metav1.Time`. */
export function timestamp(epochMs: number): string {
  const second = Math.floor(epochMs / 1000)
  if (second !== lastSecond) {
    lastText = new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z')
    lastSecond = second
  }
  return lastText
}

/** RFC 3339 in UTC with microseconds: the form of `metav1.MicroTime` (Lease, Event.eventTime). */
export function microTimestamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '000Z')
}
