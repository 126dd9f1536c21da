import { controllerRef, type KubeObject } from '../../api/object.ts'
import { events, leases, pods } from '../../api/scheme.ts'
import { StatusError } from '../../api/status-error.ts'
import type { Transport, WatchHandle, WatchSink } from '../../api/transport.ts'
import { sleep } from '../../base/clock.ts'
import type { Context } from '../../base/context.ts'
import { pick, randomInt } from '../../base/prng.ts'
import { type ApiRequest, isWrite, wrapTransport } from '../../cluster/virtual/wrap-transport.ts'
import type { Profile } from '../profile.ts'
import type { World } from '../world.ts'
import type { FaultLog } from './fault-log.ts'
import { FaultyWatch } from './faulty-watch.ts'

export interface FaultyApiOptions {
  readonly context: Context
  readonly profile: Profile
  readonly log: FaultLog
  readonly world: World
}

/** A node is missed after fifty seconds, and is heard of every ten. */
const heartbeatMsMin = 25_000
/** Until a request that timed out says so. */
const timeoutMsMax = 5_000

/** Between every component and the API: what can go wrong there does. */
export class FaultyApi {
  readonly #options: FaultyApiOptions
  readonly #watches = new Set<FaultyWatch<never>>()
  /** By node, when the last one went through. */
  readonly #heartbeatMs = new Map<string, number>()
  #crashNow: (() => void) | undefined

  constructor(options: FaultyApiOptions) {
    this.#options = options
  }

  /** From now on; `crash`: the control plane dies on the spot, and comes back later. */
  start(crash: () => void): void {
    this.#crashNow = crash
  }

  /** From now on all is as it should be; what is late still arrives. */
  stop(): void {
    this.#crashNow = undefined
  }

  intercept(inner: Transport, component: string): Transport {
    return wrapTransport(inner, {
      request: (request, send) => this.#request({ request, component, inner }, send),
      watch: (resource, sink, open) => this.#watch(`${component} ${resource.plural}`, sink, open),
    })
  }

  /** One of the open watches. */
  anyWatch(): FaultyWatch<never> | undefined {
    for (const watch of this.#watches) if (watch.isOver) this.#watches.delete(watch)
    const open = [...this.#watches]
    return open.length > 0 ? pick(this.#options.context.prng, open) : undefined
  }

  #watch<T extends KubeObject>(
    name: string,
    sink: WatchSink<T>,
    open: (sink: WatchSink<T>) => WatchHandle,
  ): WatchHandle {
    const { clock, prng } = this.#options.context
    const delayMsMax = () => (this.#crashNow ? this.#options.profile.watchDelayMsMax : 0)
    const watch = new FaultyWatch(name, sink, { clock, prng, delayMsMax })
    this.#watches.add(watch as FaultyWatch<never>)
    watch.open(open)
    return watch
  }

  async #request<T>(
    asked: { readonly request: ApiRequest; readonly component: string; readonly inner: Transport },
    send: () => Promise<T>,
  ): Promise<T> {
    const { request } = asked
    const isHeartbeat = request.resource === leases && request.verb === 'update'
    return this.#answer(asked, isHeartbeat ? () => this.#renew(request, send) : send)
  }

  /** One that is refused was no sign of life. */
  async #renew<T>(request: ApiRequest, send: () => Promise<T>): Promise<T> {
    const answer = await send()
    this.#heartbeatMs.set(request.key.name, this.#options.context.clock.monotonic())
    return answer
  }

  async #answer<T>(
    asked: { readonly request: ApiRequest; readonly component: string; readonly inner: Transport },
    send: () => Promise<T>,
  ): Promise<T> {
    const { request } = asked
    const spared = this.#spared(request)
    if (spared) return spared as T
    if (!this.#crashNow) return send()
    await this.#delay()
    const { prng } = this.#options.context
    const { crashes, requestFaults } = this.#options.profile
    if (isWrite(request) && asked.component !== 'kubelet' && prng.next() < crashes) {
      return this.#crash(send)
    }
    if (prng.next() >= requestFaults) return send()
    return isWrite(request) ? this.#failWrite(asked, send) : this.#failRead(request)
  }

  /**
   * What is answered without asking, because it is frequent and nothing hangs on it: Events, and
   * of heartbeats those that follow another closely.
   */
  #spared(request: ApiRequest): KubeObject | undefined {
    if (this.#options.profile.keepsEvents) return undefined
    if (request.resource === events) return request.object
    if (request.resource !== leases || request.verb !== 'update') return undefined
    const nowMs = this.#options.context.clock.monotonic()
    const lastMs = this.#heartbeatMs.get(request.key.name) ?? Number.NEGATIVE_INFINITY
    return nowMs - lastMs < heartbeatMsMin ? request.object : undefined
  }

  async #delay(): Promise<void> {
    const { context, profile } = this.#options
    const { requestDelayMsMax } = profile
    if (requestDelayMsMax === 0) return
    await sleep(context.clock, randomInt(context.prng, requestDelayMsMax + 1))
  }

  async #crash<T>(send: () => Promise<T>): Promise<T> {
    const { context, log } = this.#options
    const isAfter = context.prng.next() < 0.5
    log.add(isAfter ? 'crash after a write' : 'crash before a write')
    if (isAfter) await send().catch(() => {})
    this.#crashNow?.()
    return send()
  }

  #failRead(request: ApiRequest): never {
    this.#options.log.add('error on a read', nameOf(request))
    throw new StatusError('ServiceUnavailable', 'the server is currently unable to handle this')
  }

  async #failWrite<T>(
    { request, component, inner }: { request: ApiRequest; component: string; inner: Transport },
    send: () => Promise<T>,
  ): Promise<T> {
    const { context, log } = this.#options
    const about = `${component} ${nameOf(request)}`
    switch (randomInt(context.prng, 5)) {
      case 0:
        log.add('slow request', about)
        await sleep(context.clock, 1000 + randomInt(context.prng, 10_000))
        return send()
      case 1:
        if (request.verb !== 'create') {
          log.add('conflict', about)
          await touch(inner, request)
        }
        return send()
      case 2:
        log.add('error before a write', about)
        throw new StatusError('InternalError', 'Internal error occurred: a fault')
      case 3:
        log.add('error after a write', about)
        await this.#sendUnheard(request, send)
        throw new StatusError('InternalError', 'Internal error occurred: a fault')
      default:
        log.add('timeout after a write', about)
        await this.#sendUnheard(request, send)
        await sleep(context.clock, randomInt(context.prng, timeoutMsMax))
        throw new StatusError('Timeout', 'the request did not complete within the allotted timeout')
    }
  }

  /**
   * It takes effect, and nobody knows: who asked for a pod may ask again, and get one more; who
   * deleted one may choose again before he sees it leave, and choose another (C-07, C-08).
   */
  async #sendUnheard<T>(request: ApiRequest, send: () => Promise<T>): Promise<void> {
    const { world, context } = this.#options
    const owner = request.verb === 'create' && request.object && controllerRef(request.object)
    if (owner) {
      const about = `unheard ${world.clock.monotonic()} ${randomInt(context.prng, 1e9)}`
      world.excuses.add(owner.uid, about, { atMs: world.clock.monotonic() })
    }
    if (request.verb === 'delete' && request.resource === pods) this.#excuse(request)
    const { metadata } = (await send()) as Partial<KubeObject>
    world.wroteUnheard(metadata?.uid ?? '', timeoutMsMax)
  }

  /** A pod of this name. */
  #excuse({ key }: ApiRequest): void {
    const { world } = this.#options
    const isIt = ({ metadata: { namespace, name } }: KubeObject) =>
      namespace === key.namespace && name === key.name
    const pod = world.all('Pod').find(isIt)
    if (pod) world.excuse(pod, timeoutMsMax)
  }
}

/**
 * Somebody else writes the object first, by a label that nobody selects: what stands on its former
 * version is refused.
 */
async function touch(inner: Transport, { resource, key }: ApiRequest): Promise<void> {
  const present = await inner.get(resource, key).catch(() => undefined)
  if (!present) return
  const touched = present.metadata.labels?.touched === 'yes' ? null : 'yes'
  const body = { metadata: { labels: { touched } } }
  await inner.patch(resource, key, { type: 'application/merge-patch+json', body }).catch(() => {})
}

function nameOf({ verb, resource, key, subresource }: ApiRequest): string {
  const path = [resource.plural, key.name, subresource].filter(Boolean).join('/')
  return `${verb} ${path}`
}
