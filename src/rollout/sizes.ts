import type { Deployment, DeploymentSpec, ReplicaSet } from '../api/generated/types.ts'
import { required } from '../base/assert.ts'

export function specOf(deployment: Deployment): DeploymentSpec {
  return required(deployment.spec, 'spec of a stored Deployment')
}

/** The default of `spec.replicas` where nothing was defaulted. */
const replicasDefault = 1

export function desiredReplicas(deployment: Deployment): number {
  return specOf(deployment).replicas ?? replicasDefault
}

/** Wanted pods: `spec.replicas`. */
export function specReplicas(replicaSet: ReplicaSet): number {
  return replicaSet.spec?.replicas ?? replicasDefault
}

/** Pods that are: `status.replicas`. */
export function actualReplicas(replicaSet: ReplicaSet): number {
  return replicaSet.status?.replicas ?? 0
}

export function availableReplicas(replicaSet: ReplicaSet): number {
  return replicaSet.status?.availableReplicas ?? 0
}

export function readyReplicas(replicaSet: ReplicaSet): number {
  return replicaSet.status?.readyReplicas ?? 0
}

export function sum(
  replicaSets: readonly ReplicaSet[],
  count: (replicaSet: ReplicaSet) => number,
): number {
  return replicaSets.reduce((total, replicaSet) => total + count(replicaSet), 0)
}

/** Wants at least one pod. */
export function isActive(replicaSet: ReplicaSet): boolean {
  return specReplicas(replicaSet) > 0
}

export function isRecreate(deployment: Deployment): boolean {
  return specOf(deployment).strategy?.type === 'Recreate'
}

export function withReplicas(replicaSet: ReplicaSet, replicas: number): ReplicaSet {
  const spec = required(replicaSet.spec, 'spec of a stored ReplicaSet')
  return { ...replicaSet, spec: { ...spec, replicas } }
}
