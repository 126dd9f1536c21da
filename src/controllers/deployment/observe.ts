import type { Deployment, Pod, ReplicaSet } from '../../api/generated/types.ts'
import { compileLabelSelector } from '../../api/labels.ts'
import { deployments, pods, replicaSets } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import type { Informers } from '../../client/lister.ts'
import { claimCandidates, controlledBy } from '../../controller/controller-index.ts'
import { claim } from '../../controller/controller-refs.ts'
import { type ObservedDeployment, observeDeployment } from '../../rollout/observed-deployment.ts'
import { isRecreate } from '../../rollout/sizes.ts'

interface Sources {
  readonly transport: Transport
  readonly informers: Informers
}

/**
 * Whether a Deployment's selector takes a ReplicaSet, by the labels of the ReplicaSet itself
 * (B-07).
 */
export function replicaSetMatcher(deployment: Deployment): (replicaSet: ReplicaSet) => boolean {
  const matcher = compileLabelSelector(deployment.spec?.selector)
  return ({ metadata: { labels = {} } }) =>
    Object.keys(labels).length > 0 && !matcher.isEmpty && matcher.matches(labels)
}

/** What the Deployment owns, after adopting and releasing (B-05, B-06). */
export async function observe(
  deployment: Deployment,
  { transport, informers }: Sources,
): Promise<ObservedDeployment> {
  const owned = await claim<Deployment, ReplicaSet>({
    transport,
    controller: deployment,
    controllerResource: deployments,
    resource: replicaSets,
    selector: replicaSetMatcher(deployment),
    candidates: claimCandidates(informers.for(replicaSets).lister, deployment),
  })
  // Only Recreate asks for pods (B-49).
  const podsByReplicaSet = isRecreate(deployment) ? podsOf(owned, informers) : undefined
  return observeDeployment(deployment, owned, podsByReplicaSet)
}

function podsOf(
  owned: readonly ReplicaSet[],
  informers: Informers,
): ReadonlyMap<string, readonly Pod[]> {
  const { lister } = informers.for(pods)
  const uids = owned.map(({ metadata }) => metadata.uid ?? '')
  return new Map(uids.map((uid) => [uid, controlledBy(lister, uid)]))
}
