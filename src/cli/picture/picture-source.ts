import type { Deployment } from '../../api/generated/types.ts'
import { isTerminating, type KubeObject, type ObjectKey } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { deployments, endpointSlices, pods, replicaSets } from '../../api/scheme.ts'
import type { EndpointTraffic } from '../../api/seams.ts'
import { sleep, type Timer } from '../../base/clock.ts'
import type { Context } from '../../base/context.ts'
import type { Informers } from '../../client/lister.ts'
import type { Picture } from './picture.ts'
import { pictureOf } from './picture-of.ts'
import { noTraffic, rememberTraffic, type TrafficMemory } from './traffic-memory.ts'

export interface PictureSourceOptions {
  readonly context: Pick<Context, 'clock'>
  /** Started by the caller. */
  readonly informers: Informers
  /** The Deployment. */
  readonly key: Required<ObjectKey>
  /** The counters now; undefined where nobody counts. */
  readonly readTraffic: () => Promise<readonly EndpointTraffic[] | undefined>
}

/** Several changes of one moment make one picture. */
const gatherMs = 30
/** Without changes the counters still rise. */
const idleMs = 250
const readingMsMax = 500

/** Pictures of one Deployment as it changes. None while it does not exist. */
export class PictureSource {
  readonly #options: PictureSourceOptions
  readonly #listeners = new Set<(picture: Picture) => void>()
  #traffic: TrafficMemory | undefined
  #timer: Timer | undefined
  #isGathering = false
  #isReading = false
  #isStopped = false

  constructor(options: PictureSourceOptions) {
    this.#options = options
  }

  /** `listener` gets every picture from now on. */
  addListener(listener: (picture: Picture) => void): void {
    this.#listeners.add(listener)
  }

  /**
   * Once, before the informers are started: pictures from now on, at least one each quarter of a
   * second.
   */
  start(): void {
    this.#wakeOn(deployments)
    this.#wakeOn(replicaSets)
    this.#wakeOn(pods)
    this.#wakeOn(endpointSlices)
    this.#gather()
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  /** The picture of this moment; undefined when there is no such Deployment. */
  picture(): Picture | undefined {
    const { informers, key, context } = this.#options
    const deployment: Deployment | undefined = informers.for(deployments).lister.get(key)
    if (deployment === undefined || isTerminating(deployment)) return undefined
    const all = <T extends KubeObject>(resource: Resource<T>) =>
      informers.for(resource).lister.list(key.namespace)
    return pictureOf({
      deployment,
      replicaSets: all(replicaSets),
      pods: all(pods),
      endpointSlices: all(endpointSlices),
      traffic: this.#traffic,
      nowMs: context.clock.now(),
    })
  }

  #wakeOn(resource: Resource): void {
    const wake = () => this.#gather()
    this.#options.informers.for(resource).addHandler({ added: wake, updated: wake, deleted: wake })
  }

  #gather(): void {
    if (!this.#isGathering) this.#schedule(gatherMs)
    this.#isGathering = true
  }

  #schedule(delayMs: number): void {
    this.#timer?.cancel()
    if (this.#isStopped || this.#isReading) return
    this.#timer = this.#options.context.clock.setTimeout(() => void this.#tell(), delayMs)
  }

  /** Counters are read with every change: those of a pod go when it goes. */
  async #tell(): Promise<void> {
    this.#isGathering = false
    this.#isReading = true
    await this.#readTraffic()
    this.#isReading = false
    const picture = this.#isStopped ? undefined : this.picture()
    if (picture) for (const listener of this.#listeners) listener(picture)
    this.#schedule(this.#isGathering ? gatherMs : idleMs)
  }

  async #readTraffic(): Promise<void> {
    const { informers, key, readTraffic } = this.#options
    // A connection that breaks or hangs shows elsewhere; the counters stay as they were.
    const snapshot = await this.#inTime(readTraffic().catch(() => []))
    if (snapshot === undefined) return
    const ours = snapshot.filter(({ namespace }) => namespace === key.namespace)
    const known = informers.for(pods).lister.list(key.namespace)
    this.#traffic = rememberTraffic(this.#traffic ?? noTraffic, known, ours)
  }

  async #inTime<T>(reading: Promise<readonly T[] | undefined>): Promise<readonly T[] | undefined> {
    const isRead = new AbortController()
    const late = sleep(this.#options.context.clock, readingMsMax, isRead.signal).then(() => [])
    return Promise.race([reading, late]).finally(() => isRead.abort())
  }
}
