import type { EndpointTraffic, TrafficStats } from '../api/seams.ts'
import type { EndpointCounters } from './protocol.ts'

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

  answered(id: number, endpoints: readonly EndpointCounters[]): void {
    this.#waiting.get(id)?.(trafficOf(endpoints))
    this.#waiting.delete(id)
  }

  /** There is nobody who could answer. */
  lost(): void {
    for (const resolve of this.#waiting.values()) resolve([])
    this.#waiting.clear()
  }
}

export function trafficOf(endpoints: readonly EndpointCounters[]): readonly EndpointTraffic[] {
  const rows = new Map<string, EndpointCounters>()
  for (const endpoint of endpoints) {
    const key = `${endpoint.namespace}/${endpoint.service}/${endpoint.podUid}`
    const row = rows.get(key)
    rows.set(key, row ? sum(row, endpoint) : endpoint)
  }
  return [...rows.values()]
}

function sum(a: EndpointCounters, b: EndpointCounters): EndpointCounters {
  const [none, info, ok, moved, client, server] = a.byStatusClass
  const other = b.byStatusClass
  return {
    ...a,
    requests: a.requests + b.requests,
    byStatusClass: [
      none + other[0],
      info + other[1],
      ok + other[2],
      moved + other[3],
      client + other[4],
      server + other[5],
    ],
    open: a.open + b.open,
    inTraffic: a.inTraffic || b.inTraffic,
  }
}
