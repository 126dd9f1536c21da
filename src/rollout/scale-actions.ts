import type { Deployment, ReplicaSet } from '../api/generated/types.ts'
import type { DeploymentAction, PlannedEvent } from './deployment-plan.ts'
import { sizeAnnotations, withAnnotations } from './replica-set-annotations.ts'
import { specReplicas, withReplicas } from './sizes.ts'

/** B-70. */
export function scalingEvent(replicaSetName: string, from: number, to: number): PlannedEvent {
  const direction = to > from ? 'up' : 'down'
  const message = `Scaled ${direction} replica set ${replicaSetName} from ${from} to ${to}`
  return { type: 'Normal', reason: 'ScalingReplicaSet', message }
}

/**
 * A new size, with the annotations of the size it belongs to (B-25); nothing when the size stays.
 */
export function scaleAction(
  deployment: Deployment,
  replicaSet: ReplicaSet,
  to: number,
): readonly DeploymentAction[] {
  const from = specReplicas(replicaSet)
  if (from === to) return []
  const annotated = withAnnotations(replicaSet, sizeAnnotations(deployment))
  const event = scalingEvent(replicaSet.metadata.name ?? '', from, to)
  return [{ type: 'scaleReplicaSet', replicaSet: withReplicas(annotated, to), from, to, event }]
}

/** The same; when the size stays, stale annotations are renewed without an Event (B-45). */
export function scaleOrAnnotateAction(
  deployment: Deployment,
  replicaSet: ReplicaSet,
  to: number,
): readonly DeploymentAction[] {
  if (specReplicas(replicaSet) !== to) return scaleAction(deployment, replicaSet, to)
  const annotated = withAnnotations(replicaSet, sizeAnnotations(deployment))
  return annotated === replicaSet ? [] : [{ type: 'updateReplicaSet', replicaSet: annotated }]
}
