import type { ControllerRevision, DaemonSet, Pod } from '../../api/generated/types.ts'
import { compileLabelSelector } from '../../api/labels.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { controllerRevisions, daemonSets, pods } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import type { Informers } from '../../client/lister.ts'
import { claimCandidates } from '../../controller/controller-index.ts'
import { claim } from '../../controller/controller-refs.ts'

interface Sources {
  readonly transport: Transport
  readonly informers: Informers
}

function claimed<T extends KubeObject>(
  daemonSet: DaemonSet,
  resource: Resource<T>,
  { transport, informers }: Sources,
): Promise<readonly T[]> {
  const { matches } = compileLabelSelector(daemonSet.spec?.selector)
  return claim<DaemonSet, T>({
    transport,
    controller: daemonSet,
    controllerResource: daemonSets,
    resource,
    selector: ({ metadata }) => matches(metadata.labels),
    candidates: claimCandidates(informers.for(resource).lister, daemonSet),
  })
}

/** Its history, after adopting and releasing. */
export function observeRevisions(
  daemonSet: DaemonSet,
  sources: Sources,
): Promise<readonly ControllerRevision[]> {
  return claimed(daemonSet, controllerRevisions, sources)
}

/** Its pods in any phase, after adopting and releasing. */
export function observePods(daemonSet: DaemonSet, sources: Sources): Promise<readonly Pod[]> {
  return claimed(daemonSet, pods, sources)
}
