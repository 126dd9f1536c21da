import type { EndpointTraffic } from '../../api/seams.ts'
import { revisionKey, sumBy } from '../counters.ts'
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
  /** Of proxies before this one, by pod. */
  #inherited: readonly EndpointTraffic[] = []

  add(endpoints: readonly Endpoint[]): void {
    if (endpoints.length === 0) return
    const all = [...this.#endpoints, ...endpoints]
    const tooMany = Math.max(0, all.length - endpointsMax)
    this.#endpoints = all.slice(tooMany)
    if (tooMany > 0) this.#fold(all.slice(0, tooMany))
  }

  /** The counters of a former proxy. */
  inherit(rows: readonly EndpointTraffic[]): void {
    const sums = sumBy([...this.#inherited, ...rows.map((row) => ({ ...row, ...atRest }))], podKey)
    const all = [...sums.values()]
    const tooMany = Math.max(0, all.length - endpointsMax)
    this.#inherited = all.slice(tooMany)
    this.#foldRows(all.slice(0, tooMany))
  }

  /** What is still open on an endpoint that left goes on being counted. */
  counters(): readonly EndpointTraffic[] {
    const endpoints = this.#endpoints.map((endpoint) => endpoint.counters())
    return [...this.#revisions, ...this.#inherited, ...endpoints]
  }

  #fold(endpoints: readonly Endpoint[]): void {
    this.#foldRows(endpoints.map((endpoint) => endpoint.counters()))
  }

  #foldRows(of: readonly EndpointTraffic[]): void {
    if (of.length === 0) return
    const rows = of.map((row) => ({ ...row, ...noPod }))
    const sums = sumBy([...this.#revisions, ...rows], revisionKey)
    this.#revisions = [...sums.values()].slice(-revisionsMax)
  }
}

const atRest = { open: 0, inTraffic: false } as const
const noPod = { podUid: '', podName: '', ...atRest } as const

function podKey({ namespace, service, podUid, templateHash }: EndpointTraffic): string {
  return [namespace, service, podUid, templateHash].join('/')
}
