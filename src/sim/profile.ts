import { type Prng, pick, randomInt } from '../base/prng.ts'

/** What kind of time a seed has: drawn once, before anything else. */
export interface Profile {
  readonly nodes: number
  readonly operations: number
  /** How long operations and faults go on. */
  readonly busyMs: number
  /** Faults that are more than a slow or refused request: see `Disasters`. */
  readonly disasters: number
  /** Most that a watch event is late. */
  readonly watchDelayMsMax: number
  /** Most that a watch is held up altogether: its readers see a stale cache. */
  readonly stallMsMax: number
  readonly requestDelayMsMax: number
  /** Share of requests that fail, or are answered too late. */
  readonly requestFaults: number
  /** Share of writes at which the control plane crashes. */
  readonly crashes: number
  /** Whether Events are written, too: they are many, and nothing depends on them. */
  readonly keepsEvents: boolean
  /**
   * How long a decision may go on standing on what has changed since: invariants compare with the
   * worst that was true within this time.
   */
  readonly stalenessMs: number
}

type Weather = Pick<
  Profile,
  'watchDelayMsMax' | 'stallMsMax' | 'requestDelayMsMax' | 'requestFaults' | 'crashes'
>

const calm: Weather = {
  watchDelayMsMax: 0,
  stallMsMax: 2_000,
  requestDelayMsMax: 0,
  requestFaults: 0.005,
  crashes: 0.001,
}
const windy: Weather = {
  watchDelayMsMax: 200,
  stallMsMax: 5_000,
  requestDelayMsMax: 50,
  requestFaults: 0.02,
  crashes: 0.002,
}
const stormy: Weather = {
  watchDelayMsMax: 3_000,
  stallMsMax: 20_000,
  requestDelayMsMax: 1_000,
  requestFaults: 0.08,
  crashes: 0.004,
}

/** Back-off of a refused watch or request comes on top of what is late. */
const retryMsMax = 15_000

/**
 * Of operations and faults, before everything is put right: what follows, at its shortest, makes
 * half an hour of it.
 */
export const busyMinutes = 24

/** `minutes`: how long operations and faults go on; a shorter time has as much less of both. */
export function drawProfile(prng: Prng, minutes: number): Profile {
  const share = Math.min(minutes / busyMinutes, 1)
  const weather = pick(prng, [calm, windy, windy, stormy])
  const { watchDelayMsMax, stallMsMax } = weather
  return {
    ...weather,
    nodes: 2 + randomInt(prng, 3),
    busyMs: minutes * 60_000,
    operations: Math.ceil(share * (51 + randomInt(prng, 5))),
    disasters: Math.ceil(share * (6 + randomInt(prng, 10))),
    keepsEvents: randomInt(prng, 8) === 0,
    stalenessMs: 3 * (watchDelayMsMax + stallMsMax) + retryMsMax,
  }
}
