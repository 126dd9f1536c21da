import type { OwnerReference } from '../../api/generated/types.ts'
import type { JsonValue } from '../../api/json.ts'
import { foregroundFinalizer, orphanFinalizer } from '../../api/names.ts'
import { type KubeObject, keyOf } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { resourceOfKind } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import { required } from '../../base/assert.ts'
import type { Context } from '../../base/context.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller, Reconciler } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import { collected, ObjectGraph } from './object-graph.ts'
import { planDependent, planOwner } from './plan.ts'

export interface GarbageCollectorOptions {
  readonly context: Context
  readonly transport: Transport
  readonly informers: Informers
  readonly recorder: EventRecorder
}

function resourceOf({ apiVersion, kind }: KubeObject): Resource {
  return required(resourceOfKind(apiVersion, kind), `the resource of ${apiVersion} ${kind}`)
}

/**
 * Takes one object, named by its uid, one step: first as a dependent, then as an owner
 * (E-01..E-05).
 */
class GarbageCollector implements Reconciler {
  readonly #transport: Transport
  readonly #recorder: EventRecorder
  readonly #graph: ObjectGraph
  readonly #enqueue: (uid: string) => void

  constructor(
    options: GarbageCollectorOptions,
    graph: ObjectGraph,
    enqueue: (uid: string) => void,
  ) {
    this.#transport = options.transport
    this.#recorder = options.recorder
    this.#graph = graph
    this.#enqueue = enqueue
  }

  async reconcile(uid: string): Promise<void> {
    const object = this.#graph.find(uid)
    if (!object) return
    try {
      await this.#collect(object)
      await this.#release(object)
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error
    }
  }

  /** As a dependent: goes when nobody who owns it stays. */
  async #collect(object: KubeObject): Promise<void> {
    const references = object.metadata.ownerReferences ?? []
    const cached = references.map((reference) => this.#graph.cachedState(object, reference))
    if (cached.every((state) => state === 'solid')) return
    const owners = await Promise.all(
      references.map(async (reference) => ({
        reference,
        state: await this.#graph.ownerState(object, reference),
      })),
    )
    this.#reportForeign(object, references)
    const dependents = this.#graph.dependents(object.metadata.uid ?? '')
    const plan = planDependent({ object, owners, dependents })
    if (plan.action === 'drop-references') await this.#dropReferences(object, plan.uids)
    if (plan.action !== 'delete') return
    const { uid, resourceVersion } = plan.unblock
      ? (await this.#unblock(object)).metadata
      : object.metadata
    // Not what was changed since it was judged: it may have another owner by now.
    await this.#transport.delete(resourceOf(object), keyOf(object), {
      propagationPolicy: plan.policy,
      preconditions: { uid, resourceVersion },
    })
  }

  /** As an owner that is being deleted: lets go of its dependents, or waits for them. */
  async #release(object: KubeObject): Promise<void> {
    const uid = object.metadata.uid ?? ''
    const dependents = this.#graph.dependents(uid)
    const plan = planOwner(object, dependents)
    if (plan.action === 'wait') {
      for (const { metadata } of plan.undeleted) this.#enqueue(metadata.uid ?? '')
    }
    if (plan.action === 'finish') await this.#removeFinalizer(object, foregroundFinalizer)
    if (plan.action !== 'orphan') return
    await Promise.all(dependents.map((dependent) => this.#dropReferences(dependent, [uid])))
    await this.#removeFinalizer(object, orphanFinalizer)
  }

  async #dropReferences(object: KubeObject, uids: readonly string[]): Promise<void> {
    const ownerReferences = uids.map((uid) => ({ $patch: 'delete', uid }))
    const body = { metadata: { uid: object.metadata.uid, ownerReferences } } as JsonValue
    const patch = { type: 'application/strategic-merge-patch+json', body } as const
    try {
      await this.#transport.patch(resourceOf(object), keyOf(object), patch)
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error
    }
  }

  /** Takes the object out of the way of its owners' deletion: they wait for it, and it for them. */
  #unblock(object: KubeObject): Promise<KubeObject> {
    const { uid, resourceVersion, ownerReferences = [] } = object.metadata
    const free = ownerReferences.map((reference) => ({ ...reference, blockOwnerDeletion: false }))
    const metadata = { uid, resourceVersion, ownerReferences: free }
    const body = { metadata } as unknown as JsonValue
    const patch = { type: 'application/merge-patch+json', body } as const
    return this.#transport.patch(resourceOf(object), keyOf(object), patch)
  }

  async #removeFinalizer(object: KubeObject, finalizer: string): Promise<void> {
    const { resourceVersion, finalizers = [] } = object.metadata
    const rest = finalizers.filter((one) => one !== finalizer)
    const body = { metadata: { resourceVersion, finalizers: rest } }
    const patch = { type: 'application/merge-patch+json', body } as const
    await this.#transport.patch(resourceOf(object), keyOf(object), patch)
  }

  /** E-02: an owner in another namespace counts as none, and somebody should know. */
  #reportForeign(object: KubeObject, references: readonly OwnerReference[]): void {
    const { namespace = '' } = object.metadata
    for (const { uid, apiVersion, kind, name } of references) {
      const elsewhere = this.#graph.find(uid)?.metadata.namespace
      if (elsewhere === undefined || elsewhere === namespace) continue
      const owner = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`
      const text = `ownerRef ${owner} does not exist in namespace "${namespace}"`
      this.#recorder.event(object, 'Warning', 'OwnerRefInvalidNamespace', text)
    }
  }
}

/**
 * Deletes what nobody owns any more, and carries out foreground and orphan deletion. Keys are uids.
 */
export function garbageCollector(options: GarbageCollectorOptions): Controller {
  const { context, informers, transport } = options
  const graph = new ObjectGraph(transport, informers)
  const enqueue = (uid: string) => controller.enqueue(uid)
  const controller: Controller = createController(context, {
    name: 'garbage-collector',
    reconciler: new GarbageCollector(options, graph, enqueue),
    workers: 20,
  })
  const wakeWaitingOwners = (object: KubeObject) => {
    for (const reference of object.metadata.ownerReferences ?? []) {
      if (graph.cachedState(object, reference) === 'waiting') enqueue(reference.uid)
    }
  }
  /** Owners that the object held back so far, and does not any longer. */
  const wakeUnblockedOwners = ({ metadata }: KubeObject, previous: KubeObject | undefined) => {
    for (const { uid, blockOwnerDeletion } of previous?.metadata.ownerReferences ?? []) {
      const now = metadata.ownerReferences?.find((reference) => reference.uid === uid)
      if (blockOwnerDeletion && !now?.blockOwnerDeletion) enqueue(uid)
    }
  }
  const see = (object: KubeObject, previous?: KubeObject) => {
    const { uid = '', ownerReferences = [], deletionTimestamp } = object.metadata
    const mayBeLost = ownerReferences.some((one) => graph.cachedState(object, one) !== 'solid')
    if (mayBeLost || deletionTimestamp !== undefined) enqueue(uid)
    wakeWaitingOwners(object)
    wakeUnblockedOwners(object, previous)
  }
  const gone = (object: KubeObject) => {
    for (const { metadata } of graph.dependents(object.metadata.uid ?? '')) {
      enqueue(metadata.uid ?? '')
    }
    wakeWaitingOwners(object)
  }
  for (const resource of collected) {
    informers.for(resource).addHandler({ added: see, updated: see, deleted: gone })
  }
  return controller
}
