import type { EndpointTraffic } from '../../api/seams.ts'
import type { TableEndpoint, TableService } from '../protocol.ts'
import { Latency } from './latency.ts'
import type { PodActivity } from './pod-activity.ts'
import { Upstream, type UpstreamEndpoint, type UpstreamUser } from './upstream.ts'

/** More idle connections than this are not kept for one endpoint. */
const idleMax = 256
/** Servers close idle connections themselves; the shortest common limit is two seconds. */
const idleMsMax = 60_000

type Counts = [number, number, number, number, number, number]

/** One pod behind one Service port: its idle connections and its counters. */
export class Endpoint implements UpstreamEndpoint {
  readonly ip: string
  readonly port: number
  readonly podUid: string
  readonly podName: string
  readonly templateHash: string
  readonly namespace: string
  readonly service: string
  readonly pod: PodActivity
  /** Whether new requests go here. */
  isTarget = false
  /** Requests and streams. */
  open = 0
  #idle: Upstream[] = []
  #requests = 0
  readonly #byStatusClass: Counts = [0, 0, 0, 0, 0, 0]
  readonly #latency = new Latency()

  constructor(service: TableService, endpoint: TableEndpoint, pod: PodActivity) {
    this.namespace = service.namespace
    this.service = service.name
    this.ip = endpoint.ip
    this.port = endpoint.port
    this.podUid = endpoint.podUid
    this.podName = endpoint.podName
    this.templateHash = endpoint.templateHash
    this.pod = pod
  }

  /** The connection used last, if it has not been idle for longer than `idleMs`. */
  takeIdle(idleMs: number, user: UpstreamUser): Upstream | undefined {
    const upstream = this.#idle.at(-1)
    if (upstream === undefined) return undefined
    if (performance.now() - upstream.idleSinceMs > Math.min(idleMs, idleMsMax)) return undefined
    this.#idle.pop()
    upstream.user = user
    upstream.isReused = true
    return upstream
  }

  connect(user: UpstreamUser): Upstream {
    return new Upstream(this, user)
  }

  /** Keeps a connection for the next request, unless none will come here. */
  release(upstream: Upstream): void {
    if (!this.isTarget || this.#idle.length >= idleMax) {
      upstream.destroy()
      return
    }
    upstream.user = undefined
    upstream.idleSinceMs = performance.now()
    this.#idle.push(upstream)
  }

  forget(upstream: Upstream): void {
    const at = this.#idle.lastIndexOf(upstream)
    if (at >= 0) this.#idle.splice(at, 1)
  }

  /** From now on no new request comes here: idle connections have no use. */
  retire(): void {
    this.isTarget = false
    for (const upstream of [...this.#idle]) upstream.destroy()
  }

  closeStale(): void {
    const staleBeforeMs = performance.now() - idleMsMax
    for (const upstream of this.#idle.filter((one) => one.idleSinceMs < staleBeforeMs)) {
      upstream.destroy()
    }
  }

  requestBegins(): void {
    this.open++
    this.pod.requestBegins()
  }

  requestEnds(): void {
    this.open--
    this.pod.requestEnds()
  }

  /** `statusClass` 0: no answer, and so no latency. */
  count(statusClass: number, latencyMs?: number): void {
    this.#requests++
    if (latencyMs !== undefined) this.#latency.observe(latencyMs)
    this.#byStatusClass[statusClass] = (this.#byStatusClass[statusClass] ?? 0) + 1
  }

  counters(): EndpointTraffic {
    const { namespace, service, podUid, podName, templateHash, open, isTarget } = this
    return {
      namespace,
      service,
      podUid,
      podName,
      templateHash,
      requests: this.#requests,
      byStatusClass: [...this.#byStatusClass],
      latency: this.#latency.histogram(),
      open,
      inTraffic: isTarget,
    }
  }
}
