import type { Pod, ReplicaSet } from '../../api/generated/types.ts'
import { compileLabelSelector } from '../../api/labels.ts'
import { controllerRef, isTerminating, keyOf, keyText } from '../../api/object.ts'
import { isPodActive, isPodTerminal } from '../../api/pod-facts.ts'
import { pods, replicaSets } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import type { Informers } from '../../client/lister.ts'
import { claimCandidates, controlledBy } from '../../controller/controller-index.ts'
import { claim } from '../../controller/controller-refs.ts'
import type { Expectations } from '../../controller/expectations.ts'
import type { ObservedReplicaSet } from '../../rollout/plan-replica-set.ts'
import { specReplicas } from '../../rollout/sizes.ts'

interface Sources {
  readonly transport: Transport
  readonly informers: Informers
  readonly expectations: Expectations
}

/** The ReplicaSet's pods, after adopting and releasing (C-01, C-02). */
export async function observe(
  replicaSet: ReplicaSet,
  { transport, informers, expectations }: Sources,
): Promise<ObservedReplicaSet> {
  // Asked before the pods are read: what is seen in between must not be taken for what was read.
  const key = keyText(keyOf(replicaSet))
  const canManage = expectations.isFulfilled(key)
  const { lister } = informers.for(pods)
  const { matches } = compileLabelSelector(replicaSet.spec?.selector)
  const selector = ({ metadata }: Pod) => matches(metadata.labels)
  const candidates = claimCandidates(lister, replicaSet)
  const activePods = await claim<ReplicaSet, Pod>({
    transport,
    controller: replicaSet,
    controllerResource: replicaSets,
    resource: pods,
    selector,
    // A pod that was deleted a moment ago counts no more, though the cache may still show it alive:
    // the Deployment takes old pods down by what this status says is available.
    candidates: candidates.filter(
      (pod) => isPodActive(pod) && !expectations.isDeleteExpected(key, keyText(keyOf(pod))),
    ),
  })
  const { uid } = replicaSet.metadata
  const terminatingPods = candidates.filter(
    (pod) =>
      isTerminating(pod) && !isPodTerminal(pod) && controllerRef(pod)?.uid === uid && selector(pod),
  )
  const isTooMany = activePods.length > specReplicas(replicaSet)
  const relatedPods = isTooMany ? podsOfSiblings(replicaSet, informers) : []
  return { replicaSet, activePods, terminatingPods, relatedPods, canManage }
}

/** Pods of every ReplicaSet with the same controller, this one's included (C-08, 5). */
function podsOfSiblings(replicaSet: ReplicaSet, informers: Informers): readonly Pod[] {
  const owner = controllerRef(replicaSet)
  const siblings = owner ? controlledBy(informers.for(replicaSets).lister, owner.uid) : [replicaSet]
  const { lister } = informers.for(pods)
  return siblings.flatMap(({ metadata }) => controlledBy(lister, metadata.uid ?? ''))
}
