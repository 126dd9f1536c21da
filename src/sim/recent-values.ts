interface Sample<T> {
  readonly atMs: number
  readonly value: T
}

/** What something was, of which the last `spanMs` are remembered. */
export class RecentValues<T> {
  readonly #spanMs: number
  #samples: Sample<T>[] = []

  constructor(spanMs: number) {
    this.#spanMs = spanMs
  }

  /** It is this from now on. */
  set(atMs: number, value: T): void {
    if (this.#samples.length > 0 && this.#samples.at(-1)?.value === value) return
    this.#samples.push({ atMs, value })
  }

  /** All that it was within the span, oldest first; empty before the first `set`. */
  within(nowMs: number): readonly T[] {
    const fromMs = nowMs - this.#spanMs
    // What was so at the beginning of the span was set before it.
    const first = this.#samples.findLastIndex(({ atMs }) => atMs <= fromMs)
    if (first > 0) this.#samples = this.#samples.slice(first)
    return this.#samples.map(({ value }) => value)
  }
}
