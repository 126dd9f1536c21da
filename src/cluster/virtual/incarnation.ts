import type { Transport, WatchHandle } from '../../api/transport.ts'
import type { Clock } from '../../base/clock.ts'
import type { Context } from '../../base/context.ts'
import { wrapTransport } from './wrap-transport.ts'

/**
 * One life of a part of the engine, such as the control plane or a node. After `end` it is as a
 * process that was killed: no timer of it fires, no request of it is sent or answered, no watch
 * tells it anything. What it had asked for before may still have taken effect.
 */
export class Incarnation {
  readonly context: Context
  readonly #watches = new Set<WatchHandle>()
  #isAlive = true

  constructor(context: Context) {
    this.context = { ...context, clock: this.#mortalClock(context.clock) }
  }

  end(): void {
    this.#isAlive = false
    for (const watch of this.#watches) watch.stop()
    this.#watches.clear()
  }

  /** The transport as this life has it. */
  transport(inner: Transport): Transport {
    return wrapTransport(inner, {
      request: async (_, send) => {
        if (!this.#isAlive) return never()
        try {
          const answer = await send()
          return this.#isAlive ? answer : never()
        } catch (error) {
          if (!this.#isAlive) return never()
          throw error
        }
      },
      watch: (_, sink, open) => this.#watch(() => open(sink)),
    })
  }

  #watch(open: () => WatchHandle): WatchHandle {
    if (!this.#isAlive) return { stop: () => {} }
    const handle = open()
    this.#watches.add(handle)
    return {
      stop: () => {
        this.#watches.delete(handle)
        handle.stop()
      },
    }
  }

  #mortalClock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      setTimeout: (callback, delayMs) =>
        clock.setTimeout(() => {
          if (this.#isAlive) callback()
        }, delayMs),
    }
  }
}

/**
 * One for each who waits: whoever waited for a shared one would be kept by it, with all he holds.
 */
function never(): Promise<never> {
  return new Promise(() => {})
}
