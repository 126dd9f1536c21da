import type { EndpointTraffic } from '../../api/seams.ts'
import { sumBy } from '../counters.ts'
import type { Endpoint } from './endpoint.ts'

/** Endpoints that are gone and whose counters are still told one by one. */
const endpointsMax = 2_000
/** Revisions of Services whose counters are told without their pods. */
const revisionsMax = 2_000

/**
 * The counters of endpoints that have left: what a revision of a Service has served must never
 * become less. Those that left long ago are one row for each revision, of no pod.
 */
export class FormerEndpoints {
  #endpoints: readonly Endpoint[] = []
  #revisions: readonly EndpointTraffic[] = []

  add(endpoints: readonly Endpoint[]): void {
    if (endpoints.length === 0) return
    const all = [...this.#endpoints, ...endpoints]
    const tooMany = Math.max(0, all.length - endpointsMax)
    this.#endpoints = all.slice(tooMany)
    if (tooMany > 0) this.#fold(all.slice(0, tooMany))
  }

  /** What is still open on an endpoint that left goes on being counted. */
  counters(): readonly EndpointTraffic[] {
    return [...this.#revisions, ...this.#endpoints.map((endpoint) => endpoint.counters())]
  }

  #fold(endpoints: readonly Endpoint[]): void {
    const rows = endpoints.map((endpoint) => ({ ...endpoint.counters(), ...noPod }))
    const sums = sumBy([...this.#revisions, ...rows], ({ namespace, service, templateHash }) =>
      [namespace, service, templateHash].join('/'),
    )
    this.#revisions = [...sums.values()].slice(-revisionsMax)
  }
}

const noPod = { podUid: '', podName: '', open: 0, inTraffic: false } as const
