import type { KubeObject } from '../api/object.ts'
import type { Clock } from '../base/clock.ts'
import { LruMap } from './lru-map.ts'

const burst = 25
const refillMs = 5 * 60_000
const objectsMax = 4096

interface Bucket {
  readonly tokens: number
  readonly filledMs: number
}

/** Lets 25 Events about one object pass at once, then one each 5 minutes. */
export class EventSpamFilter {
  readonly #clock: Clock
  /** By uid. */
  readonly #buckets = new LruMap<Bucket>(objectsMax)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  allows(about: KubeObject): boolean {
    const { uid = about.metadata.name ?? '' } = about.metadata
    const nowMs = this.#clock.monotonic()
    const bucket = this.#buckets.get(uid) ?? { tokens: burst, filledMs: nowMs }
    const tokens = Math.min(burst, bucket.tokens + (nowMs - bucket.filledMs) / refillMs)
    const isAllowed = tokens >= 1
    this.#buckets.set(uid, { tokens: isAllowed ? tokens - 1 : tokens, filledMs: nowMs })
    return isAllowed
  }
}
