import type { KubeObject } from '../../api/object.ts'
import type { Transport, WatchHandle, WatchSink } from '../../api/transport.ts'
import { type Clock, sleep } from '../../base/clock.ts'
import { connectionLost } from '../../client/connection-error.ts'
import { wrapTransport } from '../../cluster/virtual/wrap-transport.ts'

/** Until a node gives up on a request that nobody answers. */
const answerMsMax = 5_000

type Break = () => void

/**
 * The network between the nodes and the API. A node that is cut off goes on running what it runs,
 * and hears of nothing; what it had asked for just before may have taken effect.
 */
export class Partitions {
  readonly #clock: Clock
  readonly #cut = new Set<string>()
  /** By node, what ends each of its open watches. */
  readonly #watches = new Map<string, Set<Break>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isCut(node: string): boolean {
    return this.#cut.has(node)
  }

  cut(node: string): void {
    this.#cut.add(node)
    for (const lose of [...this.#watchesOf(node)]) lose()
  }

  heal(node: string): void {
    this.#cut.delete(node)
  }

  /** The API as this node has it. */
  intercept(inner: Transport, node: string): Transport {
    return wrapTransport(inner, {
      request: (_, send) => this.#request(node, send),
      watch: (_, sink, open) => this.#watch(node, sink, open),
    })
  }

  async #request<T>(node: string, send: () => Promise<T>): Promise<T> {
    const answer = this.#cut.has(node) ? undefined : { value: await send() }
    if (answer && !this.#cut.has(node)) return answer.value
    await sleep(this.#clock, answerMsMax)
    throw lost()
  }

  #watch<T extends KubeObject>(
    node: string,
    sink: WatchSink<T>,
    open: (sink: WatchSink<T>) => WatchHandle,
  ): WatchHandle {
    if (this.#cut.has(node)) {
      const timer = this.#clock.setTimeout(() => sink.end(lost()), answerMsMax)
      return { stop: () => timer.cancel() }
    }
    const watches = this.#watchesOf(node)
    const lose = () => {
      watches.delete(lose)
      handle.stop()
      sink.end(lost())
    }
    const handle = open({
      event: (event) => sink.event(event),
      end: (error) => {
        watches.delete(lose)
        sink.end(error)
      },
    })
    watches.add(lose)
    return {
      stop: () => {
        watches.delete(lose)
        handle.stop()
      },
    }
  }

  #watchesOf(node: string): Set<Break> {
    const watches = this.#watches.get(node) ?? new Set()
    this.#watches.set(node, watches)
    return watches
  }
}

function lost(): Error {
  return connectionLost('the API')
}
