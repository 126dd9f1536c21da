import { networkInterfaces } from 'node:os'
import type { EndpointSlice, Pod, Secret, Service } from '../api/generated/types.ts'
import { keyOf } from '../api/object.ts'
import { endpointSlices, pods, secrets, services } from '../api/scheme.ts'
import type { TrafficGate, TrafficStats } from '../api/seams.ts'
import type { Transport } from '../api/transport.ts'
import { sleep, type Timer } from '../base/clock.ts'
import type { Context } from '../base/context.ts'
import type { EventRecorder } from '../client/event-recorder.ts'
import type { Informers } from '../client/lister.ts'
import { buildOf } from './build.ts'
import { DrainGate } from './drain-gate.ts'
import { proxyLayout } from './layout.ts'
import { isLeaving } from './leaving.ts'
import { LoadBalancerStatus } from './load-balancer-status.ts'
import { dnsService, NamePublisher } from './name-publisher.ts'
import { PortReports, retrySeconds } from './port-reports.ts'
import type { ListenError, ProxyMessage, Table } from './protocol.ts'
import { ProxyLink } from './proxy-link.ts'
import { serviceKeyOf, type TableOptions, tableOf, type Withheld } from './table.ts'
import { tlsSecretKeyOf } from './tls-identity.ts'
import { TrafficCounts } from './traffic-counts.ts'

export interface TrafficOptions {
  readonly context: Context
  readonly transport: Transport
  /** Of the component `kube-proxy`. */
  readonly recorder: EventRecorder
  readonly informers: Informers
  /** Must exist. */
  readonly dataDir: string
  /** The proxy's command line; the data directory is appended. */
  readonly proxyCommand: readonly string[]
  /** Where NodePort and LoadBalancer ports listen: `127.0.0.1`, or `0.0.0.0` for all addresses. */
  readonly serviceListen: string
  /** The file in which each request is a line, as an absolute path; none when absent. */
  readonly accessLog?: string | undefined
  /** False: pods end without waiting for the proxy. Only to show what the waiting is good for. */
  readonly acknowledge?: boolean
}

export interface Traffic {
  readonly gate: TrafficGate
  readonly stats: TrafficStats
  /** Where containers find the cluster's DNS; undefined while it does not listen. */
  dnsServer(): string | undefined
  /** Once the informers have synced; resolves when the proxy follows its first table. */
  start(): Promise<void>
  /** The proxy lives on, and goes by its last table. */
  stop(): Promise<void>
  /** Ends the proxy's process. */
  end(): Promise<void>
}

/** How long a start waits for the DNS to listen, or not. */
const namesMsMax = 2_000

/** All slices of a Service, whoever manages them. */
const byService = 'proxied-service'

/**
 * Starts the data directory's proxy, or adopts the one that runs, and from `start` on keeps it
 * informed.
 */
export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  const control = new ProxyControl(options)
  await control.open()
  const atOnce: TrafficGate = { drained: async () => 'drained' }
  return {
    gate: options.acknowledge === false ? atOnce : control.gate,
    stats: control.counts,
    dnsServer: () => control.names.server,
    start: () => control.start(),
    stop: () => control.stop(),
    end: () => control.end(),
  }
}

class ProxyControl {
  readonly gate: DrainGate
  readonly counts: TrafficCounts
  readonly names: NamePublisher
  readonly #options: TrafficOptions
  readonly #tableOptions: TableOptions
  readonly #link: ProxyLink
  readonly #reports: PortReports
  readonly #loadBalancers: LoadBalancerStatus
  #table: Table = []
  #withheld: readonly Withheld[] = []
  /** Of `#table`, as it was last sent. */
  #tableText = ''
  #version = 0
  #listenErrors: readonly ListenError[] = []
  #isStarted = false
  #isLinked = false
  #isDirty = false
  #hasRenewed = false
  #retry: Timer | undefined
  #onFirstAck: () => void = () => {}
  readonly #firstAck = new Promise<void>((resolve) => {
    this.#onFirstAck = resolve
  })

  constructor(options: TrafficOptions) {
    const { context, transport, recorder, informers } = options
    this.#options = options
    const serviceListen = listenAddresses(options.serviceListen)
    this.#tableOptions = { serviceListen, accessLog: options.accessLog }
    this.#link = this.#createLink()
    this.gate = new DrainGate({
      context,
      isLeaving: (pod) => this.#isLeaving(pod),
      publish: () => this.#publish(),
    })
    this.counts = new TrafficCounts((id) => this.#ask(id))
    this.names = this.#createNames()
    const { lister } = informers.for(services)
    this.#reports = new PortReports({ recorder, findService: (key) => lister.get(key) })
    const table = this.#tableOptions
    this.#loadBalancers = new LoadBalancerStatus({ context, transport, table })
    this.#watch()
  }

  open(): Promise<void> {
    return this.#link.open()
  }

  async start(): Promise<void> {
    this.#isStarted = true
    this.#isDirty = true
    this.#publish()
    await this.#firstAck
    // A proxy of an earlier version knows of no names, and says nothing.
    const given = new AbortController()
    const { clock } = this.#options.context
    await Promise.race([this.names.settled, sleep(clock, namesMsMax, given.signal)])
    given.abort()
  }

  async stop(): Promise<void> {
    this.#halt()
    this.#link.close()
  }

  async end(): Promise<void> {
    this.#halt()
    await this.#link.end()
  }

  #halt(): void {
    this.#isStarted = false
    this.#isLinked = false
    this.#retry?.cancel()
    this.counts.lost()
  }

  #createLink(): ProxyLink {
    const { context, dataDir, proxyCommand: command } = this.#options
    const layout = proxyLayout(dataDir)
    return new ProxyLink({
      context,
      companion: { ...layout, name: 'the proxy', command },
      onMessage: (message) => this.#receive(message),
      onLost: () => this.#lost(),
    })
  }

  #createNames(): NamePublisher {
    const { lister } = this.#options.informers.for(services)
    const sources = {
      address: () => lister.get(dnsService)?.spec?.clusterIP,
      services: () => lister.list(),
      slicesOf: (key: string) => this.#slicesOf(key),
    }
    return new NamePublisher(sources, (line) => this.#isLinked && this.#link.send(line))
  }

  #watch(): void {
    const { informers } = this.#options
    const slices = informers.for(endpointSlices)
    slices.addIndex(byService, (slice) => [serviceKeyOf(slice)])
    const changed = () => this.#changed()
    const always = { added: changed, updated: changed, deleted: changed }
    slices.addHandler(always)
    informers.for(services).addHandler(always)
    this.#watchCertificates()
    // A pod that is gone needs no slice to say so.
    informers.for(pods).addHandler({ deleted: changed })
  }

  #watchCertificates(): void {
    const { informers } = this.#options
    const changed = ({ metadata }: Secret) => {
      const isUsed = (service: Service) => tlsSecretKeyOf(service)?.name === metadata.name
      if (informers.for(services).lister.list(metadata.namespace).some(isUsed)) this.#changed()
    }
    informers.for(secrets).addHandler({ added: changed, updated: changed, deleted: changed })
  }

  /** Changes that come in one go make one table. */
  #changed(): void {
    if (this.#isDirty || !this.#isStarted) return
    this.#isDirty = true
    queueMicrotask(() => this.#publish())
  }

  #publish(): void {
    if (!this.#isDirty || !this.#isStarted) return
    this.#isDirty = false
    const { informers } = this.#options
    const { table, withheld } = tableOf(informers.for(services).lister.list(), {
      ...this.#tableOptions,
      slicesOf: (key) => this.#slicesOf(key),
      findPod: (key) => informers.for(pods).lister.get(key),
      findSecret: (key) => informers.for(secrets).lister.get(key),
    })
    const withheldText = JSON.stringify(this.#withheld)
    this.#table = table
    this.#withheld = withheld
    const text = JSON.stringify(table)
    if (text !== this.#tableText || withheldText !== JSON.stringify(withheld)) {
      this.#tableText = text
      this.#send()
    }
    this.gate.published(this.#version)
    if (this.#isLinked) this.names.publish()
  }

  #send(): void {
    this.#version++
    if (!this.#isLinked) return
    this.#link.send(`{"type":"table","version":${this.#version},"services":${this.#tableText}}`)
  }

  #slicesOf(serviceKey: string): readonly EndpointSlice[] {
    return this.#options.informers.for(endpointSlices).lister.byIndex(byService, serviceKey)
  }

  #isLeaving(pod: Pod): boolean {
    if (!this.#isStarted) return false
    const { informers } = this.#options
    const cached = informers.for(pods).lister.get(keyOf(pod))
    return isLeaving(pod, {
      services: informers.for(services).lister.list(pod.metadata.namespace),
      slicesOf: (key) => this.#slicesOf(key),
      table: this.#table,
      current: cached?.metadata.uid === pod.metadata.uid ? cached : undefined,
    })
  }

  #ask(id: number): void {
    if (this.#isLinked) this.#link.send(JSON.stringify({ type: 'stats', id }))
    else this.counts.lost()
  }

  #receive(message: ProxyMessage): void {
    switch (message.type) {
      case 'hello':
        this.#isLinked = true
        this.#version = Math.max(this.#version, message.version)
        this.#renew(message.build)
        this.#resend()
        break
      case 'ack':
        this.gate.acknowledged(message.version, message.busy)
        this.#follow(message.listenErrors)
        this.#onFirstAck()
        break
      case 'named':
        this.names.named(message)
        this.#follow(this.#listenErrors)
        break
      case 'idle':
        this.gate.idle(message.podUid)
        break
      case 'stats':
        this.counts.answered(message.id, message.endpoints)
    }
  }

  /**
   * A proxy of another build hands over to one of this build. It is asked once: what comes then may
   * be of a third build, when the program has been replaced meanwhile.
   */
  #renew(build: string | undefined): void {
    const { context, proxyCommand } = this.#options
    const own = buildOf(proxyCommand)
    if (this.#hasRenewed || own === '' || build === own) return
    this.#hasRenewed = true
    if (build === undefined) {
      context.log.warn(
        'the proxy is of a build that cannot hand over: it stays until `astern down`',
      )
      return
    }
    context.log.info('the proxy is of another build: it hands over to one of this build')
    this.#link.send(JSON.stringify({ type: 'handover', command: proxyCommand }))
  }

  /** Before the first table is known the proxy goes on with the one it has. */
  #resend(): void {
    if (!this.#isStarted) return
    this.#send()
    this.gate.published(this.#version)
    this.names.publishAnew()
  }

  #lost(): void {
    this.#isLinked = false
    this.gate.lost()
    this.counts.lost()
  }

  #follow(listenErrors: readonly ListenError[]): void {
    if (!this.#isStarted) return
    this.#listenErrors = listenErrors
    this.#report(listenErrors)
    this.#retry?.cancel()
    this.#retry = undefined
    if (listenErrors.length === 0 && this.names.withheld.length === 0) return
    const { clock } = this.#options.context
    this.#retry = clock.setTimeout(() => this.#resend(), retrySeconds * 1000)
  }

  /** What cannot be opened, as Events, and what can, in the status of load balancers. */
  #report(listenErrors: readonly ListenError[]): void {
    this.#reports.report(listenErrors, [...this.#withheld, ...this.names.withheld])
    const closed = [...listenErrors, ...this.#withheld]
    this.#loadBalancers.update(this.#options.informers.for(services).lister.list(), closed)
  }
}

/** One listener per address: one for all would stand in the way of cluster IPs. */
function listenAddresses(serviceListen: string): readonly string[] {
  if (serviceListen !== '0.0.0.0' && serviceListen !== '::') return [serviceListen]
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.filter(({ family }) => family === 'IPv4').map(({ address }) => address)
}
