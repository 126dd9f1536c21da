interface Sample {
  readonly atMs: number
  readonly value: number
}

/** A number over time, of which the last `spanMs` are remembered. */
export class Recent {
  readonly #spanMs: number
  #samples: Sample[] = []

  constructor(spanMs: number) {
    this.#spanMs = spanMs
  }

  /** It has this value from now on. */
  set(atMs: number, value: number): void {
    if (this.#samples.at(-1)?.value === value) return
    this.#samples.push({ atMs, value })
  }

  /** The least that it was within the span; undefined before the first `set`. */
  min(nowMs: number): number | undefined {
    return this.#extreme(nowMs, Math.min)
  }

  max(nowMs: number): number | undefined {
    return this.#extreme(nowMs, Math.max)
  }

  #extreme(nowMs: number, choose: (...values: number[]) => number): number | undefined {
    const fromMs = nowMs - this.#spanMs
    // The value at the beginning of the span was set before it.
    const first = this.#samples.findLastIndex(({ atMs }) => atMs <= fromMs)
    if (first > 0) this.#samples = this.#samples.slice(first)
    if (this.#samples.length === 0) return undefined
    return choose(...this.#samples.map(({ value }) => value))
  }
}
