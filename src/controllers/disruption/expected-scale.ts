import type { Pod, ReplicaSet } from '../../api/generated/types.ts'
import { controllerRef, type KubeObject } from '../../api/object.ts'
import { qualifiedPlural, type Resource } from '../../api/resource.ts'
import { deployments, replicaSets, resourceOfKind, statefulSets } from '../../api/scheme.ts'
import type { Informers } from '../../client/lister.ts'

/** What can own pods and says how many it wants. */
export const scalable: readonly Resource[] = [deployments, replicaSets, statefulSets]

export interface ExpectedScale {
  /** The sum over all workloads that own one of the pods. */
  readonly replicas: number
  /** Names of pods that nobody owns. */
  readonly unmanaged: readonly string[]
}

/**
 * How many pods the owners of these want. Throws with upstream's text for an owner that is gone, or
 * that has no number of replicas to ask for.
 */
export function expectedScale(pods: readonly Pod[], informers: Informers): ExpectedScale {
  const owned = pods.filter((pod) => controllerRef(pod) !== undefined)
  const scales = new Map(owned.map((pod) => scaleFor(pod, informers)))
  return {
    replicas: [...scales.values()].reduce((sum, replicas) => sum + replicas, 0),
    unmanaged: pods.filter((pod) => !owned.includes(pod)).map((pod) => pod.metadata.name ?? ''),
  }
}

/** The uid of the workload behind a pod, and its replicas. */
function scaleFor(pod: Pod, informers: Informers): readonly [uid: string, replicas: number] {
  const owner = ownerOf(pod, informers)
  if (!owner) throw new Error(`found no controllers for pod ${JSON.stringify(pod.metadata.name)}`)
  // A Deployment's ReplicaSets count together: one grows while another shrinks.
  const isOfDeployment = controllerRef(owner)?.kind === 'Deployment'
  const above =
    owner.kind === 'ReplicaSet' && isOfDeployment ? ownerOf(owner, informers) : undefined
  const { metadata, spec } = (above ?? owner) as ReplicaSet
  return [metadata.uid ?? '', spec?.replicas ?? 1]
}

function ownerOf(dependent: KubeObject, informers: Informers): KubeObject | undefined {
  const reference = controllerRef(dependent)
  if (!reference) return undefined
  const { kind, name, uid, apiVersion } = reference
  const resource = scalable.find((each) => each.kind === kind)
  if (!resource) {
    const known = resourceOfKind(apiVersion, kind)
    const what = known ? qualifiedPlural(known) : `${apiVersion}, Kind=${kind}`
    throw new Error(`${what} does not implement the scale subresource`)
  }
  const { namespace } = dependent.metadata
  const owner = informers.for(resource).lister.get({ namespace, name })
  return owner?.metadata.uid === uid ? owner : undefined
}
