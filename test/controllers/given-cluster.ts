import type { Deployment, Event, Pod, ReplicaSet } from '../../src/api/generated/types.ts'
import { controllerRef, type KubeObject } from '../../src/api/object.ts'
import type { Resource } from '../../src/api/resource.ts'
import { deployments, events, pods, replicaSets, resourceOfKind } from '../../src/api/scheme.ts'
import type { Patch, Transport } from '../../src/api/transport.ts'
import { required } from '../../src/base/assert.ts'
import { type Prng, seededPrng } from '../../src/base/prng.ts'
import { settled } from '../../src/base/virtual-clock.ts'
import { createInformers } from '../../src/client/informers.ts'
import { createEventRecorder, type Recorder } from '../../src/client/recorder.ts'
import { daemonSetController } from '../../src/controllers/daemonset/controller.ts'
import { deploymentController } from '../../src/controllers/deployment/controller.ts'
import { disruptionController } from '../../src/controllers/disruption/controller.ts'
import { staleTargets } from '../../src/controllers/disruption/stale-target.ts'
import { garbageCollector } from '../../src/controllers/garbage-collector/controller.ts'
import { jobController } from '../../src/controllers/job/controller.ts'
import { replicaSetController } from '../../src/controllers/replicaset/controller.ts'
import { statefulSetController } from '../../src/controllers/statefulset/controller.ts'
import { reportRollout } from '../../src/rollout/rollout-status.ts'
import { planUndo } from '../../src/rollout/undo.ts'
import { type GivenApi, givenApi } from '../client/given-api.ts'
import { PodDriver, type PodDriverOptions } from './pod-driver.ts'
import { busyTransport, checkedTransport, slowTransport } from './slow-transport.ts'

export interface GivenClusterOptions extends Partial<PodDriverOptions> {
  readonly seed?: number
  /**
   * The longest that a watch event or a request of the controllers is held up, in virtual
   * milliseconds; default 0.
   */
  readonly watchDelayMsMax?: number
  readonly requestDelayMsMax?: number
  /** Called before each creation and update by a controller; what it throws is the answer. */
  readonly beforeWrite?: (object: KubeObject, verb: 'create' | 'update') => void | Promise<void>
}

const inDefault = { namespace: 'default' }

/**
 * The real API server, the workload controllers and the garbage collector, and pods that become
 * ready by script, in virtual time.
 */
export class GivenCluster {
  readonly api: GivenApi
  readonly prng: Prng
  readonly transport: Transport
  readonly pods: PodDriver
  readonly #stop: () => Promise<void>
  readonly #tellAll: () => Promise<void>
  readonly #isBusy: () => boolean

  private constructor(
    parts: Pick<GivenCluster, 'api' | 'prng' | 'transport' | 'pods'>,
    internals: Pick<GivenCluster, 'stop'> & {
      readonly isBusy: () => boolean
      /** Writes the Events that wait for a quiet moment. */
      readonly tellAll: () => Promise<void>
    },
  ) {
    this.api = parts.api
    this.prng = parts.prng
    this.transport = parts.transport
    this.pods = parts.pods
    this.#stop = internals.stop
    this.#tellAll = internals.tellAll
    this.#isBusy = internals.isBusy
  }

  static async start(options: GivenClusterOptions = {}): Promise<GivenCluster> {
    const { seed = 1, watchDelayMsMax = 0, requestDelayMsMax = 0, ...others } = options
    const { beforeWrite, ...driver } = others
    const api = await givenApi(seed)
    const { context } = api
    const prng = seededPrng(seed)
    const { transport, isBusy } = busyTransport(api.transport)
    const guarded = beforeWrite ? checkedTransport(transport, beforeWrite) : transport
    const slow = slowTransport(guarded, context, { prng, watchDelayMsMax, requestDelayMsMax })
    const informers = createInformers(context, slow)
    const recorders: Recorder[] = []
    const recorder = (component: string) => {
      const made = createEventRecorder(context, { transport, component })
      recorders.push(made)
      return made
    }
    const common = { context, transport: slow, informers }
    const controllers = [
      deploymentController({ ...common, recorder: recorder('deployment-controller') }),
      replicaSetController({ ...common, recorder: recorder('replicaset-controller') }),
      statefulSetController({ ...common, recorder: recorder('statefulset-controller') }),
      daemonSetController({ ...common, recorder: recorder('daemonset-controller') }),
      jobController({ ...common, recorder: recorder('job-controller') }),
      disruptionController({ ...common, recorder: recorder('controllermanager') }),
      staleTargets(common),
      garbageCollector({ ...common, recorder: recorder('garbage-collector-controller') }),
    ]
    const podDriver = new PodDriver({ context, transport, prng, ...driver })
    const started = Promise.all([informers.start(), podDriver.start()])
    const cluster = new GivenCluster(
      { api, prng, transport, pods: podDriver },
      {
        isBusy,
        tellAll: async () => {
          await Promise.all(recorders.map((one) => one.idle()))
        },
        async stop() {
          await Promise.all(controllers.map((controller) => controller.stop()))
          await informers.stop()
          await podDriver.stop()
          await api.stop()
        },
      },
    )
    await cluster.#while(started)
    for (const controller of controllers) controller.start()
    return cluster
  }

  stop(): Promise<void> {
    return this.#stop()
  }

  /** Lets everything happen that needs no time. */
  async quiet(): Promise<void> {
    for (let idle = 0; idle < 3; idle = this.#isBusy() ? 0 : idle + 1) await settled()
  }

  /** Lets time pass. */
  async pass(durationMs: number): Promise<void> {
    const { clock } = this.api
    const untilMs = clock.now() + durationMs
    clock.setTimeout(() => {}, durationMs)
    await this.quiet()
    while (clock.now() < untilMs && clock.step()) await this.quiet()
  }

  /**
   * Lets time pass until `condition` holds; throws with `what` when `withinMs` (default an hour) is
   * over.
   */
  async until(
    what: string,
    condition: () => Promise<boolean>,
    withinMs = 3_600_000,
  ): Promise<void> {
    const { clock } = this.api
    const untilMs = clock.now() + withinMs
    await this.quiet()
    while (!(await condition())) {
      if (clock.now() >= untilMs || !clock.step()) throw new Error(`never: ${what}`)
      await this.quiet()
    }
  }

  /** Until `promise` resolves, with the clock moving: requests may be held up. */
  async #while<T>(promise: Promise<T>): Promise<T> {
    let isDone = false
    promise.finally(() => {
      isDone = true
    })
    await this.quiet()
    while (!isDone && this.api.clock.step()) await this.quiet()
    return promise
  }

  create<T extends KubeObject>(object: T): Promise<T> {
    const resource = required(resourceOfKind(object.apiVersion, object.kind), 'a served kind')
    return this.transport.create(resource, inDefault, object) as Promise<KubeObject> as Promise<T>
  }

  deployment(name = 'app'): Promise<Deployment> {
    return this.transport.get(deployments, { ...inDefault, name })
  }

  /** A merge patch. */
  async change(body: object, name = 'app'): Promise<Deployment> {
    const patch = { type: 'application/merge-patch+json', body } as Patch
    return this.transport.patch(deployments, { ...inDefault, name }, patch)
  }

  setImage(image: string, name = 'app'): Promise<Deployment> {
    return this.change(
      { spec: { template: { spec: { containers: [{ name: 'app', image }] } } } },
      name,
    )
  }

  /** Those that the Deployment controls, the oldest first. */
  async replicaSets(): Promise<readonly ReplicaSet[]> {
    const { items } = await this.transport.list(replicaSets, inDefault)
    return items
  }

  async replicaSetOf(image: string): Promise<ReplicaSet> {
    const found = (await this.replicaSets()).find(
      ({ spec }) => spec?.template?.spec?.containers[0]?.image === image,
    )
    if (!found) throw new Error(`no ReplicaSet runs ${image}`)
    return found
  }

  async livePods(): Promise<readonly Pod[]> {
    return (await this.transport.list(pods, inDefault)).items
  }

  /** Messages of Events about objects of a kind, in the order they were written. */
  async eventsAbout(kind: string): Promise<readonly Event[]> {
    await this.#tellAll()
    const { items } = await this.transport.list(events, inDefault)
    return items
      .filter(({ involvedObject }) => involvedObject.kind === kind)
      .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
  }

  async replicaSet(name: string): Promise<ReplicaSet> {
    return this.transport.get(replicaSets, { ...inDefault, name })
  }

  async changeReplicaSet(name: string, body: object): Promise<ReplicaSet> {
    const patch = { type: 'application/merge-patch+json', body } as Patch
    return this.transport.patch(replicaSets, { ...inDefault, name }, patch)
  }

  async changePod(name: string, body: object): Promise<Pod> {
    const patch = { type: 'application/merge-patch+json', body } as Patch
    return this.transport.patch(pods, { ...inDefault, name }, patch)
  }

  /** `kubectl rollout undo`, by the same function as our own command. */
  async undo(toRevision = 0n, name = 'app'): Promise<void> {
    const deployment = await this.deployment(name)
    const owned = (await this.replicaSets()).filter(
      (replicaSet) => controllerRef(replicaSet)?.uid === deployment.metadata.uid,
    )
    const plan = planUndo(deployment, owned, toRevision)
    if (plan.outcome !== 'patch') throw new Error(plan.message)
    await this.transport.patch(deployments, { ...inDefault, name }, plan.patch)
  }

  /** Until `rollout status` would say that it is done. */
  async rolledOut(name = 'app', withinMs?: number): Promise<Deployment> {
    const isDone = async () => reportRollout(await this.deployment(name)).outcome === 'done'
    await this.until(`${name} rolled out`, isDone, withinMs)
    return this.deployment(name)
  }

  /** Hears every write of a resource at once, whatever is held up for the controllers. */
  watch<T extends KubeObject>(resource: Resource<T>, heard: (object: T) => void): void {
    this.transport.watch(
      resource,
      inDefault,
      {},
      {
        event: (event) => {
          if (event.type !== 'BOOKMARK') heard(event.object)
        },
        end: () => {},
      },
    )
  }
}
