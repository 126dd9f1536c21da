import type { Clock } from './clock.ts'
import { type Ids, systemIds } from './ids.ts'
import { type Logger, silentLogger } from './log.ts'
import { type Prng, systemPrng } from './prng.ts'
import { systemClock } from './system-clock.ts'

/** The inputs that every component takes instead of reaching for globals. */
export interface Context {
  readonly clock: Clock
  readonly prng: Prng
  readonly ids: Ids
  readonly log: Logger
}

export function systemContext(log: Logger = silentLogger): Context {
  return { clock: systemClock, prng: systemPrng, ids: systemIds, log }
}
