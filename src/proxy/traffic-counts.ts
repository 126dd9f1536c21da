import type { EndpointTraffic, TrafficStats } from '../api/seams.ts'
import { sumBy } from './counters.ts'

/** The proxy's counters, asked for when somebody wants them. */
export class TrafficCounts implements TrafficStats {
  readonly #ask: (id: number) => void
  readonly #waiting = new Map<number, (rows: readonly EndpointTraffic[]) => void>()
  #nextId = 1

  constructor(ask: (id: number) => void) {
    this.#ask = ask
  }

  /** One row per Service and pod, ports taken together; empty while there is no proxy. */
  snapshot(): Promise<readonly EndpointTraffic[]> {
    return new Promise((resolve) => {
      const id = this.#nextId++
      this.#waiting.set(id, resolve)
      this.#ask(id)
    })
  }

  answered(id: number, endpoints: readonly EndpointTraffic[]): void {
    this.#waiting.get(id)?.(trafficOf(endpoints))
    this.#waiting.delete(id)
  }

  /** There is nobody who could answer. */
  lost(): void {
    for (const resolve of this.#waiting.values()) resolve([])
    this.#waiting.clear()
  }
}

export function trafficOf(endpoints: readonly EndpointTraffic[]): readonly EndpointTraffic[] {
  const byPod = sumBy(endpoints, ({ namespace, service, podUid, templateHash }) =>
    [namespace, service, podUid, templateHash].join('/'),
  )
  return [...byPod.values()]
}
