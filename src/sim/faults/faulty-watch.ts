import type { KubeObject } from '../../api/object.ts'
import type { WatchHandle, WatchSink } from '../../api/transport.ts'
import type { Clock } from '../../base/clock.ts'
import { type Prng, randomInt } from '../../base/prng.ts'

interface Delays {
  readonly clock: Clock
  readonly prng: Prng
  /** Most that an event is late; it may change while the watch is open. */
  readonly delayMsMax: () => number
}

/** A watch whose events come late, but in order, and that can be held up or cut. */
export class FaultyWatch<T extends KubeObject> {
  /** What was watched, for people. */
  readonly name: string
  readonly #delays: Delays
  readonly #sink: WatchSink<T>
  #handle: WatchHandle | undefined
  #lastDueMs = 0
  #waiting = 0
  #isOver = false

  constructor(name: string, sink: WatchSink<T>, delays: Delays) {
    this.name = name
    this.#sink = sink
    this.#delays = delays
  }

  get isOver(): boolean {
    return this.#isOver
  }

  open(open: (sink: WatchSink<T>) => WatchHandle): void {
    this.#handle = open({
      event: (event) => this.#deliver(() => this.#sink.event(event)),
      end: (error) =>
        this.#deliver(() => {
          this.#isOver = true
          this.#sink.end(error)
        }),
    })
  }

  stop(): void {
    this.#isOver = true
    this.#handle?.stop()
  }

  /** Nothing arrives for so long: the cache behind it grows stale. */
  stall(forMs: number): void {
    this.#lastDueMs = Math.max(this.#lastDueMs, this.#delays.clock.monotonic() + forMs)
  }

  /** It ends, by a fault or for no reason at all. */
  cut(error?: Error): void {
    if (this.#isOver) return
    this.stop()
    this.#sink.end(error)
  }

  #deliver(deliver: () => void): void {
    const { clock, prng, delayMsMax } = this.#delays
    const nowMs = clock.monotonic()
    const delayMs = delayMsMax() > 0 ? randomInt(prng, delayMsMax() + 1) : 0
    this.#lastDueMs = Math.max(this.#lastDueMs, nowMs + delayMs)
    // What is late keeps those after it waiting, even when they are due at the same moment.
    if (this.#lastDueMs <= nowMs && this.#waiting === 0) {
      if (!this.#isOver) deliver()
      return
    }
    this.#waiting++
    const late = () => {
      this.#waiting--
      if (!this.#isOver) deliver()
    }
    clock.setTimeout(late, this.#lastDueMs - nowMs)
  }
}
