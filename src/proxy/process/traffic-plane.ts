import type { Socket } from 'node:net'
import type { EndpointTraffic } from '../../api/seams.ts'
import type { ListenError, Table } from '../protocol.ts'
import { directSocketOf } from './accepted-sockets.ts'
import { AccessLog } from './access-log.ts'
import { ClientConnection, type Place } from './client-connection.ts'
import { cutOff } from './cut-off.ts'
import { FormerEndpoints } from './former-endpoints.ts'
import type { Handle } from './handover/handles.ts'
import type { InheritedBonds } from './handover/messages.ts'
import { Listeners } from './listeners.ts'
import { PodActivity } from './pod-activity.ts'
import { ServicePort } from './service-port.ts'

const sweepMs = 1_000
/** Connections of clients at once; what comes beyond is closed. */
const connectionsMax = 20_000

/** All that the proxy does with traffic: it follows tables, and knows nothing of who sends them. */
export class TrafficPlane {
  readonly #onPodIdle: (podUid: string) => void
  readonly #listeners = new Listeners((socket, place) => this.#accept(socket, place))
  readonly #connections = new Set<ClientConnection>()
  readonly #pods = new Map<string, PodActivity>()
  #services: ReadonlyMap<string, ServicePort> = new Map()
  readonly #former = new FormerEndpoints()
  /** By path. */
  readonly #accessLogs = new Map<string, AccessLog>()
  /** Pods that are first choice for new requests: whether they are busy is no news. */
  #inTraffic: ReadonlySet<string> = new Set()
  /** Set when another process takes what is idle. */
  #onIdle: ((connection: ClientConnection) => void) | undefined
  #applying: Promise<unknown> = Promise.resolve()

  constructor(onPodIdle: (podUid: string) => void) {
    this.#onPodIdle = onPodIdle
    setInterval(() => this.#sweep(), sweepMs).unref()
  }

  /**
   * Every request after the call goes by this table. Resolves, with what could not be opened, when
   * its ports are open.
   */
  apply(table: Table): Promise<readonly ListenError[]> {
    const services = this.#route(table)
    const applied = this.#applying.then(() =>
      this.#listeners.update(table, (index) => services[index] as ServicePort),
    )
    this.#applying = applied
    return applied
  }

  /** Resolves when the last table given is followed, its ports open. */
  async settled(): Promise<void> {
    await this.#applying
  }

  /** Of clients, streams among them. */
  get connectionCount(): number {
    return this.#connections.size
  }

  /** Whether a pod that is leaving still answers requests. */
  isBusy(podUid: string): boolean {
    return !this.#inTraffic.has(podUid) && (this.#pods.get(podUid)?.isBusy ?? false)
  }

  /** What a newer proxy needs beside the table. */
  *listeners(): Iterable<readonly [string, Handle]> {
    yield* this.#listeners.handles()
  }

  bonds(): InheritedBonds {
    const bonds = [...this.#services].map(([key, service]) => [key, service.bonds()])
    return Object.fromEntries(bonds)
  }

  /** Before the first table. */
  inheritListener(key: string, handle: Handle): void {
    this.#listeners.inherit(key, handle)
  }

  /** After the first table. */
  inheritBonds(bonds: InheritedBonds): void {
    for (const [key, service] of this.#services) service.inherit(bonds[key] ?? [])
  }

  inheritConnection(key: string, handle: Handle, isHttp: boolean): void {
    this.#accept(directSocketOf(handle), this.#listeners.placeOf(key), isHttp)
  }

  inheritCounters(rows: readonly EndpointTraffic[]): void {
    this.#former.inherit(rows)
  }

  /**
   * Accepts no more connections, and opens no more ports. Told of each connection that can be given
   * away, now and once a second as long as it is there.
   */
  retire(onIdle: (connection: ClientConnection) => void): void {
    this.#onIdle = onIdle
    this.#listeners.retire()
    for (const connection of this.#connections) onIdle(connection)
  }

  /** Uids of the pods that are leaving and still answer requests. */
  busyPods(): readonly string[] {
    return [...this.#pods]
      .filter(([uid, pod]) => pod.isBusy && !this.#inTraffic.has(uid))
      .map(([uid]) => uid)
  }

  counters(): readonly EndpointTraffic[] {
    const present = [...this.#services.values()].flatMap((service) => [...service.endpoints()])
    return [...this.#former.counters(), ...present.map((endpoint) => endpoint.counters())]
  }

  #route(table: Table): readonly ServicePort[] {
    this.#inTraffic = new Set(
      table.flatMap(({ endpoints }) =>
        endpoints.filter(({ ready, terminating }) => ready && !terminating).map((e) => e.podUid),
      ),
    )
    const former = new Map(this.#services)
    const services = table.map((service): [string, ServicePort] => {
      const key = `${service.namespace}/${service.name}/${service.port}`
      const servicePort = former.get(key) ?? new ServicePort(service)
      former.delete(key)
      servicePort.accessLog = this.#accessLog(service.accessLog)
      this.#former.add(servicePort.update(service, (uid) => this.#pod(uid)))
      return [key, servicePort]
    })
    for (const servicePort of former.values()) this.#former.add(servicePort.close())
    this.#services = new Map(services)
    this.#forgetPods(table)
    return services.map(([, servicePort]) => servicePort)
  }

  #accessLog(path: string | undefined): AccessLog | undefined {
    if (path === undefined) return undefined
    const log = this.#accessLogs.get(path) ?? new AccessLog(path)
    this.#accessLogs.set(path, log)
    return log
  }

  #pod(uid: string): PodActivity {
    const known = this.#pods.get(uid)
    if (known) return known
    const pod = new PodActivity(() => {
      if (!this.#inTraffic.has(uid)) this.#onPodIdle(uid)
    })
    this.#pods.set(uid, pod)
    return pod
  }

  #forgetPods(table: Table): void {
    const listed = new Set(table.flatMap(({ endpoints }) => endpoints.map((e) => e.podUid)))
    for (const [uid, pod] of this.#pods) {
      if (!listed.has(uid) && !pod.isBusy) this.#pods.delete(uid)
    }
  }

  #accept(socket: Socket, place: Place, isHttp = false): void {
    if (this.#connections.size >= connectionsMax) {
      cutOff(socket.on('error', () => {}))
      return
    }
    const onIdle = (idle: ClientConnection) => this.#onIdle?.(idle)
    const connection = new ClientConnection(socket, place, { isHttp, onIdle })
    this.#connections.add(connection)
    this.#onIdle?.(connection)
    socket.on('close', () => this.#connections.delete(connection))
  }

  #sweep(): void {
    for (const connection of this.#connections) {
      connection.sweep()
      this.#onIdle?.(connection)
    }
    for (const service of this.#services.values()) {
      for (const endpoint of service.endpoints()) endpoint.closeStale()
    }
  }
}
