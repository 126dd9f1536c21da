import type { Deployment, Pod, ReplicaSet } from '../api/generated/types.ts'
import { findNewReplicaSet } from './new-replica-set.ts'
import { byCreation } from './order.ts'
import { isActive } from './sizes.ts'

/** A Deployment and what it owns, gathered once at the beginning of a pass and never changed. */
export interface ObservedDeployment {
  readonly deployment: Deployment
  /** The oldest owned one that has the Deployment's template (B-10). */
  readonly newReplicaSet: ReplicaSet | undefined
  /** All others that it owns, oldest first. */
  readonly oldReplicaSets: readonly ReplicaSet[]
  /** Old ones, then the new one. */
  readonly replicaSets: readonly ReplicaSet[]
  /** Those of `replicaSets` that want at least one pod. */
  readonly activeReplicaSets: readonly ReplicaSet[]
  /** Those of `oldReplicaSets` that want at least one pod. */
  readonly activeOldReplicaSets: readonly ReplicaSet[]
  /** Pods in any phase by the uid of the ReplicaSet that controls them. */
  readonly podsByReplicaSet: ReadonlyMap<string, readonly Pod[]>
}

/** `owned`: every ReplicaSet that the Deployment controls (B-05), in any order. */
export function observeDeployment(
  deployment: Deployment,
  owned: readonly ReplicaSet[],
  podsByReplicaSet: ObservedDeployment['podsByReplicaSet'] = new Map(),
): ObservedDeployment {
  const newReplicaSet = findNewReplicaSet(deployment, owned)
  const oldReplicaSets = owned.filter((owned) => owned !== newReplicaSet).sort(byCreation)
  return classify({ deployment, newReplicaSet, oldReplicaSets, podsByReplicaSet })
}

/** The same with the new ReplicaSet as a step of the plan will leave it. */
export function withNewReplicaSet(
  observed: ObservedDeployment,
  newReplicaSet: ReplicaSet,
): ObservedDeployment {
  return newReplicaSet === observed.newReplicaSet
    ? observed
    : classify({ ...observed, newReplicaSet })
}

function classify(
  facts: Pick<
    ObservedDeployment,
    'deployment' | 'newReplicaSet' | 'oldReplicaSets' | 'podsByReplicaSet'
  >,
): ObservedDeployment {
  const { newReplicaSet, oldReplicaSets } = facts
  const replicaSets = newReplicaSet ? [...oldReplicaSets, newReplicaSet] : oldReplicaSets
  return Object.freeze({
    ...facts,
    replicaSets,
    activeReplicaSets: replicaSets.filter(isActive),
    activeOldReplicaSets: oldReplicaSets.filter(isActive),
  })
}
