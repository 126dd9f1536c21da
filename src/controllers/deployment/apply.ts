import type { Deployment, DeploymentStatus, ReplicaSet } from '../../api/generated/types.ts'
import { revisionAnnotation } from '../../api/names.ts'
import { controllerRef, type KubeObject, keyOf, keyText } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { deployments, replicaSets } from '../../api/scheme.ts'
import { isNamespaceTerminating, isStatusError } from '../../api/status-error.ts'
import type { Transport, WriteOptions } from '../../api/transport.ts'
import { AssertionError } from '../../base/assert.ts'
import type { Context } from '../../base/context.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { ReconcileResult } from '../../controller/reconciler.ts'
import { collidedStatus, createFailure } from '../../rollout/create-failure.ts'
import type {
  DeploymentAction,
  DeploymentPlan,
  PlannedEvent,
} from '../../rollout/deployment-plan.ts'
import { hasTemplateOf } from '../../rollout/new-replica-set.ts'
import type { OwnWrites } from './own-writes.ts'

interface Edge {
  readonly context: Context
  readonly transport: Transport
  readonly recorder: EventRecorder
  readonly ownWrites: OwnWrites
}

/** A write that may fail did (B-37): no event need follow that would bring the key back. */
const retryAfterMs = 1000

/**
 * Carries a plan out, action by action. Every write is conditional on the version the plan was made
 * from, so a pass on a stale cache ends in a Conflict and is tried again with back-off.
 */
export function applyDeploymentPlan(
  plan: DeploymentPlan,
  deployment: Deployment,
  edge: Edge,
): Promise<ReconcileResult> {
  return new Application(deployment, edge).run(plan)
}

type ActionOf<T extends DeploymentAction['type']> = Extract<DeploymentAction, { type: T }>

class Application {
  readonly #edge: Edge
  /** As it was observed, then as it was last written. */
  #deployment: Deployment
  /** By name: the versions that this plan's own writes have made. */
  readonly #written = new Map<string, string | undefined>()

  constructor(deployment: Deployment, edge: Edge) {
    this.#deployment = deployment
    this.#edge = edge
  }

  async run({ actions, requeueAfterMs }: DeploymentPlan): Promise<ReconcileResult> {
    let hasFailed = false
    for (const action of actions) {
      const mayFail = action.type === 'scaleReplicaSet' && action.mayFail
      if (mayFail && hasFailed) continue
      try {
        if ((await this.#apply(action)) === 'stop') return {}
      } catch (error) {
        if (!mayFail || error instanceof AssertionError) throw error
        hasFailed = true
      }
    }
    if (hasFailed) return { requeueAfterMs: Math.min(retryAfterMs, requeueAfterMs ?? retryAfterMs) }
    return requeueAfterMs === undefined ? {} : { requeueAfterMs }
  }

  async #apply(action: DeploymentAction): Promise<'stop' | undefined> {
    switch (action.type) {
      case 'createReplicaSet':
        return this.#create(action)
      case 'updateReplicaSet':
      case 'scaleReplicaSet':
        await this.#updateReplicaSet(action.replicaSet)
        break
      case 'deleteReplicaSet':
        await this.#delete(action)
        break
      case 'updateStatus':
        await this.#updateStatus(action.status, action.revision)
        break
      case 'updateDeployment':
        this.#deployment = await this.#update(deployments, action.deployment)
        break
      case 'event':
    }
    if ('event' in action && action.event) this.#tell(action.event)
    return undefined
  }

  #tell({ type, reason, message }: PlannedEvent): void {
    this.#edge.recorder.event(this.#deployment, type, reason, message)
  }

  async #update<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options?: WriteOptions,
  ): Promise<T> {
    const { transport } = this.#edge
    return this.#noted(await transport.update(resource, keyOf(object), object, options))
  }

  #noted<T extends KubeObject>(written: T): T {
    this.#edge.ownWrites.wrote(keyText(keyOf(this.#deployment)), written)
    return written
  }

  async #updateReplicaSet(replicaSet: ReplicaSet): Promise<void> {
    const { name = '', resourceVersion } = replicaSet.metadata
    const metadata = {
      ...replicaSet.metadata,
      resourceVersion: this.#written.get(name) ?? resourceVersion,
    }
    const updated = await this.#update(replicaSets, { ...replicaSet, metadata })
    this.#written.set(name, updated.metadata.resourceVersion)
  }

  async #updateStatus(status: DeploymentStatus, revision?: string): Promise<void> {
    const { metadata } = this.#deployment
    const annotations =
      revision === undefined
        ? metadata.annotations
        : { ...metadata.annotations, [revisionAnnotation]: revision }
    const object = { ...this.#deployment, status, metadata: { ...metadata, annotations } }
    this.#deployment = await this.#update(deployments, object, { subresource: 'status' })
  }

  /**
   * Only the version that was seen to be drained: a stale cache must not delete what runs again.
   */
  async #delete({ replicaSet }: ActionOf<'deleteReplicaSet'>): Promise<void> {
    const { uid, resourceVersion } = replicaSet.metadata
    try {
      await this.#edge.transport.delete(replicaSets, keyOf(replicaSet), {
        preconditions: { uid, resourceVersion },
      })
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error
    }
  }

  async #create({ replicaSet, event }: ActionOf<'createReplicaSet'>): Promise<'stop' | undefined> {
    const { transport } = this.#edge
    try {
      const where = { namespace: replicaSet.metadata.namespace }
      const created = this.#noted(await transport.create(replicaSets, where, replicaSet))
      this.#written.set(replicaSet.metadata.name ?? '', created.metadata.resourceVersion)
    } catch (error) {
      if (isStatusError(error, 'AlreadyExists')) return this.#settleCollision(replicaSet, error)
      if (!isNamespaceTerminating(error)) await this.#tellCreateFailure(replicaSet, error)
      throw error
    }
    if (event) this.#tell(event)
    return undefined
  }

  /**
   * The name is taken (B-14). By the very ReplicaSet that is wanted: it was created by a pass that
   * this cache has not seen, and its arrival brings the key back. By another: the next hash will
   * differ.
   */
  async #settleCollision(wanted: ReplicaSet, error: unknown): Promise<'stop'> {
    const existing = await this.#edge.transport.get(replicaSets, keyOf(wanted))
    const isOwn = controllerRef(existing)?.uid === this.#deployment.metadata.uid
    if (isOwn && hasTemplateOf(this.#deployment, existing)) return 'stop'
    await this.#updateStatus(collidedStatus(this.#deployment))
    throw error
  }

  /**
   * B-15. The status is lesser news than the error, which stands even if the status cannot be
   * written.
   */
  async #tellCreateFailure({ metadata }: ReplicaSet, error: unknown): Promise<void> {
    const text = error instanceof Error ? error.message : String(error)
    const why = { replicaSetName: metadata.name ?? '', error: text }
    const failure = createFailure(this.#deployment, why, this.#edge.context.clock.now())
    this.#tell(failure.event)
    if (failure.status !== this.#deployment.status) {
      await this.#updateStatus(failure.status).catch(() => {})
    }
  }
}
