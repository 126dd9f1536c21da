/** Each bucket is this much wider than the one before it: a percentile is off by 2 % at most. */
const growth = 1.02
const bucketsMax = 1_100
const logGrowth = Math.log(growth)

/** Milliseconds, as they were observed. */
export interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** Latencies of a million requests in a few kilobytes. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(bucketsMax)
  #total = 0
  #maxMs = 0

  observe(latencyMs: number): void {
    const bucket = Math.floor(Math.log(Math.max(latencyMs * 1_000, 1)) / logGrowth)
    const at = Math.min(bucket, bucketsMax - 1)
    this.#counts[at] = (this.#counts[at] ?? 0) + 1
    this.#total++
    this.#maxMs = Math.max(this.#maxMs, latencyMs)
  }

  percentiles(): Percentiles {
    const [p50, p99, p999] = [0.5, 0.99, 0.999].map((share) => this.#percentileMs(share))
    return { p50: p50 ?? 0, p99: p99 ?? 0, p999: p999 ?? 0, max: rounded(this.#maxMs) }
  }

  #percentileMs(share: number): number {
    let seen = 0
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count
      if (seen >= share * this.#total) return rounded(growth ** (bucket + 1) / 1_000)
    }
    return 0
  }
}

function rounded(ms: number): number {
  return Number(ms.toFixed(2))
}
