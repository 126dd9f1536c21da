import { type LatencyHistogram, latencyBoundsSeconds } from '../../api/seams.ts'

const boundsMs = latencyBoundsSeconds.map((seconds) => seconds * 1000)

/** Counts how long answers took; an observation costs a few comparisons and allocates nothing. */
export class Latency {
  readonly #counts: number[] = new Array(boundsMs.length + 1).fill(0)
  #sumMs = 0

  /** `ms` may be fractional; a bound belongs to its own bucket. */
  observe(ms: number): void {
    let bucket = 0
    while (bucket < boundsMs.length && ms > (boundsMs[bucket] as number)) bucket++
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#sumMs += ms
  }

  histogram(): LatencyHistogram {
    return { counts: [...this.#counts], sumSeconds: this.#sumMs / 1000 }
  }
}
