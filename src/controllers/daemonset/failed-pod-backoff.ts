import type { Clock } from '../../base/clock.ts'

const firstMs = 1000
const maxMs = 15 * 60_000

interface Delay {
  readonly delayMs: number
  readonly sinceMs: number
}

/**
 * How long a failed pod of a node is left before it is replaced: 1 s, 2 s, 4 s .. 15 min (D-32).
 */
export class FailedPodBackoff {
  readonly #clock: Clock
  /** By the DaemonSet's key, then by node. */
  readonly #delays = new Map<string, Map<string, Delay>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Nodes that are waited for, with what remains in milliseconds. */
  remaining(key: string): ReadonlyMap<string, number> {
    const nowMs = this.#clock.monotonic()
    const waits = [...(this.#delays.get(key) ?? [])]
      .map(([node, { delayMs, sinceMs }]) => [node, sinceMs + delayMs - nowMs] as const)
      .filter(([, remainingMs]) => remainingMs > 0)
    return new Map(waits)
  }

  /** A failed pod was replaced: the next waits twice as long, unless this one had held out. */
  failed(key: string, node: string): void {
    const nowMs = this.#clock.monotonic()
    const delays = this.#delays.get(key) ?? new Map<string, Delay>()
    this.#delays.set(key, delays)
    const last = delays.get(node)
    const isOver = last === undefined || nowMs - last.sinceMs > 2 * maxMs
    delays.set(node, {
      delayMs: isOver ? firstMs : Math.min(last.delayMs * 2, maxMs),
      sinceMs: nowMs,
    })
  }

  forget(key: string): void {
    this.#delays.delete(key)
  }
}
