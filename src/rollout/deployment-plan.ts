import type { Deployment, DeploymentStatus, ReplicaSet } from '../api/generated/types.ts'

/** An Event about the Deployment. */
export interface PlannedEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

/** One write, with the object as it shall be. An `event` is told once the write has succeeded. */
export type DeploymentAction =
  | {
      readonly type: 'createReplicaSet'
      readonly replicaSet: ReplicaSet
      readonly event?: PlannedEvent
    }
  /** Annotations or minReadySeconds; the size stays. */
  | { readonly type: 'updateReplicaSet'; readonly replicaSet: ReplicaSet }
  | {
      readonly type: 'scaleReplicaSet'
      readonly replicaSet: ReplicaSet
      readonly from: number
      readonly to: number
      readonly event: PlannedEvent
      /** If it fails, the others that may fail are left out and the plan goes on (B-37). */
      readonly mayFail?: true
    }
  | { readonly type: 'deleteReplicaSet'; readonly replicaSet: ReplicaSet }
  | {
      readonly type: 'updateStatus'
      readonly status: DeploymentStatus
      /** For the Deployment's revision annotation (B-23); undefined: it stays. */
      readonly revision: string | undefined
    }
  | {
      readonly type: 'updateDeployment'
      readonly deployment: Deployment
      readonly event?: PlannedEvent
    }
  | { readonly type: 'event'; readonly event: PlannedEvent }

/** What one pass does, in this order; a failure ends it there, unless the action says otherwise. */
export interface DeploymentPlan {
  readonly actions: readonly DeploymentAction[]
  /** Look again after this long, though nothing may have changed (B-55). */
  readonly requeueAfterMs?: number
}
