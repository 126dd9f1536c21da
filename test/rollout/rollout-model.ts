import type { Deployment, PodTemplateSpec, ReplicaSet } from '../../src/api/generated/types.ts'
import { deepFreeze } from '../../src/api/json.ts'
import { revisionAnnotation } from '../../src/api/names.ts'
import type { DeploymentAction, DeploymentPlan } from '../../src/rollout/deployment-plan.ts'
import { observeDeployment } from '../../src/rollout/observed-deployment.ts'
import { planDeployment } from '../../src/rollout/plan-deployment.ts'
import { revisionOf } from '../../src/rollout/revisions.ts'
import { t0, template } from './given.ts'

interface Pods {
  readonly replicas: number
  readonly available: number
  /** The generation of the ReplicaSet when its controller last acted. */
  readonly seenGeneration: number
}

/**
 * A Deployment's world without an API server: plans are carried out on a map of ReplicaSets. Pods
 * follow a ReplicaSet's size, and its status follows the pods, only when the test says so. Enough
 * to ask of the pure plan what happens over time.
 */
export class RolloutModel {
  deployment: Deployment
  readonly replicaSets = new Map<string, ReplicaSet>()
  readonly events: string[] = []
  /** What is true, whatever the statuses say. */
  readonly pods = new Map<string, Pods>()
  nowMs = t0
  #created = 0

  constructor(deployment: Deployment) {
    this.deployment = deployment
  }

  /** One pass of the Deployment controller; returns its plan. */
  sync(): DeploymentPlan {
    this.nowMs += 1000
    const observed = observeDeployment(this.deployment, [...this.replicaSets.values()])
    const plan = planDeployment(observed, this.nowMs)
    for (const action of plan.actions) this.#apply(action)
    return plan
  }

  /** Its controller brings the pods to its size: new ones are not available, and those go first. */
  followSize(name: string): void {
    const { spec, metadata } = this.#get(name)
    const replicas = spec?.replicas ?? 0
    const available = Math.min(this.podsOf(name).available, replicas)
    this.pods.set(name, { replicas, available, seenGeneration: metadata.generation ?? 0 })
  }

  /** One more pod of it becomes available (or, by -1, one less). */
  changeAvailable(name: string, by: 1 | -1): void {
    const pods = this.podsOf(name)
    const available = Math.min(Math.max(pods.available + by, 0), pods.replicas)
    this.pods.set(name, { ...pods, available })
  }

  /** Its status says what is true. */
  report(name: string): void {
    const { replicas, available, seenGeneration } = this.podsOf(name)
    const counts = { replicas, readyReplicas: available, availableReplicas: available }
    const status = { ...counts, observedGeneration: seenGeneration }
    this.replicaSets.set(name, deepFreeze({ ...this.#get(name), status }))
  }

  podsOf(name: string): Pods {
    return this.pods.get(name) ?? { replicas: 0, available: 0, seenGeneration: 0 }
  }

  /** Passes, with every pod available at once after each, until two passes have nothing to do. */
  settle(passesMax = 500): void {
    let idle = 0
    for (let pass = 0; pass < passesMax; pass++) {
      const { actions } = this.sync()
      for (const name of this.replicaSets.keys()) {
        this.followSize(name)
        const { replicas, available } = this.podsOf(name)
        for (let i = available; i < replicas; i++) this.changeAvailable(name, 1)
        this.report(name)
      }
      idle = actions.length === 0 ? idle + 1 : 0
      if (idle === 2) return
    }
    throw new Error(`still at work after ${passesMax} passes`)
  }

  /** The user changes the spec, the annotations, or both. */
  edit(change: {
    readonly template?: PodTemplateSpec
    readonly spec?: Partial<NonNullable<Deployment['spec']>>
    readonly annotations?: Record<string, string>
  }): void {
    const { metadata, spec } = this.deployment
    this.deployment = deepFreeze({
      ...this.deployment,
      metadata: {
        ...metadata,
        generation: (metadata.generation ?? 0) + 1,
        annotations: change.annotations ?? metadata.annotations,
      },
      spec: {
        ...spec,
        ...change.spec,
        template: change.template ?? spec?.template ?? {},
      } as NonNullable<Deployment['spec']>,
    })
  }

  setImage(image: string): void {
    this.edit({ template: template(image) })
  }

  /** Revisions of all ReplicaSets, ascending. */
  revisions(): readonly bigint[] {
    return [...this.replicaSets.values()]
      .map((replicaSet) => revisionOf(replicaSet) ?? -1n)
      .sort((a, b) => (a < b ? -1 : 1))
  }

  byImage(image: string): ReplicaSet {
    const found = [...this.replicaSets.values()].find(
      ({ spec }) => spec?.template?.spec?.containers[0]?.image === image,
    )
    if (!found) throw new Error(`no ReplicaSet runs ${image}`)
    return found
  }

  #get(name: string): ReplicaSet {
    const found = this.replicaSets.get(name)
    if (!found) throw new Error(`no ReplicaSet ${name}`)
    return found
  }

  #apply(action: DeploymentAction): void {
    if ('event' in action && action.event) this.events.push(action.event.message)
    switch (action.type) {
      case 'createReplicaSet':
        this.#create(action.replicaSet)
        break
      case 'updateReplicaSet':
      case 'scaleReplicaSet':
        this.#put(action.replicaSet)
        break
      case 'deleteReplicaSet':
        this.replicaSets.delete(action.replicaSet.metadata.name ?? '')
        this.pods.delete(action.replicaSet.metadata.name ?? '')
        break
      case 'updateDeployment':
        this.edit({
          template: action.deployment.spec?.template ?? {},
          annotations: { ...action.deployment.metadata.annotations },
        })
        break
      case 'updateStatus':
        this.#updateStatus(action)
    }
  }

  #create(replicaSet: ReplicaSet): void {
    const created = this.#created++
    const metadata = {
      ...replicaSet.metadata,
      uid: `uid-${created}`,
      generation: 1,
      creationTimestamp: new Date(t0 + created * 1000).toISOString(),
    }
    this.#put({ ...replicaSet, metadata, status: { replicas: 0 } })
  }

  #put(replicaSet: ReplicaSet): void {
    const name = replicaSet.metadata.name ?? ''
    const stored = this.replicaSets.get(name)
    const isResized = stored !== undefined && stored.spec?.replicas !== replicaSet.spec?.replicas
    const generation = (replicaSet.metadata.generation ?? 1) + (isResized ? 1 : 0)
    const metadata = { ...replicaSet.metadata, generation }
    const status = stored?.status ?? replicaSet.status
    this.replicaSets.set(name, deepFreeze({ ...replicaSet, metadata, status }))
  }

  #updateStatus({ status, revision }: Extract<DeploymentAction, { type: 'updateStatus' }>): void {
    const { metadata } = this.deployment
    const annotations =
      revision === undefined
        ? metadata.annotations
        : { ...metadata.annotations, [revisionAnnotation]: revision }
    this.deployment = deepFreeze({
      ...this.deployment,
      status,
      metadata: { ...metadata, annotations },
    })
  }
}
