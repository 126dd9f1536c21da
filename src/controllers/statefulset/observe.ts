import type { ControllerRevision, Pod, StatefulSet } from '../../api/generated/types.ts'
import { compileLabelSelector } from '../../api/labels.ts'
import { controllerRevisions, pods, statefulSets } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import type { Informers } from '../../client/lister.ts'
import { claimCandidates } from '../../controller/controller-index.ts'
import { claim } from '../../controller/controller-refs.ts'
import { ordinalOf } from '../../rollout/stateful-set-pod.ts'

interface Sources {
  readonly transport: Transport
  readonly informers: Informers
}

/**
 * Its history, after adopting: what its selector no longer matches stays owned, and is left alone.
 */
export async function observeRevisions(
  statefulSet: StatefulSet,
  { transport, informers }: Sources,
): Promise<readonly ControllerRevision[]> {
  const { matches } = compileLabelSelector(statefulSet.spec?.selector)
  const { lister } = informers.for(controllerRevisions)
  const candidates = claimCandidates(lister, statefulSet)
  return claim<StatefulSet, ControllerRevision>({
    transport,
    controller: statefulSet,
    controllerResource: statefulSets,
    resource: controllerRevisions,
    selector: () => true,
    candidates: candidates.filter(({ metadata }) => matches(metadata.labels)),
  })
}

/** Its pods, after adopting and releasing: only one with a name of the set's can belong to it. */
export async function observePods(
  statefulSet: StatefulSet,
  { transport, informers }: Sources,
): Promise<readonly Pod[]> {
  const { matches } = compileLabelSelector(statefulSet.spec?.selector)
  const candidates = claimCandidates(informers.for(pods).lister, statefulSet)
  return claim<StatefulSet, Pod>({
    transport,
    controller: statefulSet,
    controllerResource: statefulSets,
    resource: pods,
    selector: ({ metadata }) => matches(metadata.labels),
    candidates: candidates.filter((pod) => ordinalOf(statefulSet, pod) !== undefined),
  })
}
