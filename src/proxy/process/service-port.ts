import type { Socket } from 'node:net'
import type { TableService } from '../protocol.ts'
import { targetsOf } from '../targets.ts'
import type { AccessLog } from './access-log.ts'
import { Affinity } from './affinity.ts'
import { Endpoint } from './endpoint.ts'
import type { InheritedBond } from './handover/messages.ts'
import type { PodActivity } from './pod-activity.ts'
import type { UpstreamEndpoint } from './upstream.ts'

/** One port of one Service: who answers it, in turn. */
export class ServicePort {
  /** `shop/web`, or `shop/web:http`. */
  readonly text: string
  /** Connections to endpoints on behalf of clients that have said nothing. */
  trials = 0
  accessLog: AccessLog | undefined
  #endpoints: ReadonlyMap<string, Endpoint> = new Map()
  #targets: readonly Endpoint[] = []
  #next = 0
  #affinity: Affinity<Endpoint> | undefined

  constructor({ namespace, name, port }: TableService) {
    this.text = `${namespace}/${name}${port && `:${port}`}`
  }

  /**
   * Follows a new table at once. Endpoints that stay keep their connections and counters; those
   * that left or are no targets any more close what is idle. Returns those that left.
   */
  update(service: TableService, podOf: (podUid: string) => PodActivity): readonly Endpoint[] {
    this.#follow(service.affinitySeconds)
    const former = this.#endpoints
    const listed = service.endpoints.map((endpoint) => {
      const key = keyOf(endpoint)
      const kept = former.get(key) ?? new Endpoint(service, endpoint, podOf(endpoint.podUid))
      return { ...endpoint, key, kept }
    })
    this.#endpoints = new Map(listed.map(({ key, kept }) => [key, kept]))
    const targets = new Set(targetsOf(listed).map(({ kept }) => kept))
    this.#targets = [...targets]
    for (const endpoint of new Set([...former.values(), ...this.#endpoints.values()])) {
      if (targets.has(endpoint)) endpoint.isTarget = true
      else endpoint.retire()
    }
    return [...former].filter(([key]) => !this.#endpoints.has(key)).map(([, endpoint]) => endpoint)
  }

  /**
   * The endpoint that the client stays with, or the next in turn; none that is among `tried`.
   * Undefined when there is no other.
   */
  pick(client: Socket, tried: readonly UpstreamEndpoint[] = []): Endpoint | undefined {
    return this.#affinity ? this.#pickFor(client, this.#affinity, tried) : this.#pickNext(tried)
  }

  #pickFor(
    { remoteAddress = '' }: Socket,
    affinity: Affinity<Endpoint>,
    tried: readonly UpstreamEndpoint[],
  ): Endpoint | undefined {
    const nowMs = performance.now()
    const bound = affinity.endpointOf(remoteAddress, nowMs)
    if (bound?.isTarget && !tried.includes(bound)) return bound
    const next = this.#pickNext(tried)
    if (next) affinity.bind(remoteAddress, next, nowMs)
    return next
  }

  #follow(affinitySeconds: number | undefined): void {
    if (affinitySeconds === undefined) {
      this.#affinity = undefined
      return
    }
    this.#affinity ??= new Affinity(0)
    this.#affinity.timeoutMs = affinitySeconds * 1_000
  }

  #pickNext(tried: readonly UpstreamEndpoint[]): Endpoint | undefined {
    const targets = this.#targets
    for (let step = 0; step < targets.length; step++) {
      this.#next = (this.#next + 1) % targets.length
      const endpoint = targets[this.#next] as Endpoint
      if (!tried.includes(endpoint)) return endpoint
    }
    return undefined
  }

  /** Which endpoint each client stays with, for a newer proxy. */
  bonds(): readonly InheritedBond[] {
    const nowMs = performance.now()
    return [...(this.#affinity?.bonds() ?? [])].map(({ client, endpoint, lastMs }) => ({
      client,
      endpoint: keyOf(endpoint),
      ageMs: nowMs - lastMs,
    }))
  }

  inherit(bonds: readonly InheritedBond[]): void {
    const nowMs = performance.now()
    for (const { client, endpoint: key, ageMs } of bonds) {
      const endpoint = this.#endpoints.get(key)
      if (endpoint) this.#affinity?.bind(client, endpoint, nowMs - ageMs)
    }
  }

  /** The Service port is gone, and with it all its endpoints. */
  close(): readonly Endpoint[] {
    const former = [...this.#endpoints.values()]
    for (const endpoint of former) endpoint.retire()
    this.#endpoints = new Map()
    this.#targets = []
    return former
  }

  endpoints(): Iterable<Endpoint> {
    return this.#endpoints.values()
  }
}

function keyOf({ podUid, ip, port }: Pick<Endpoint, 'podUid' | 'ip' | 'port'>): string {
  return `${podUid}/${ip}:${port}`
}
