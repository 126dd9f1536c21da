import type { Deployment, EndpointSlice, Pod, ReplicaSet } from '../../api/generated/types.ts'
import { controllerRef, isTerminating } from '../../api/object.ts'
import { isPodReady } from '../../api/pod-facts.ts'
import { summarizePod } from '../../apiserver/wire/tables/pod-status.ts'
import { observeDeployment } from '../../rollout/observed-deployment.ts'
import { byRevision, revisionOf } from '../../rollout/revisions.ts'
import { reportRollout } from '../../rollout/rollout-status.ts'
import { desiredReplicas, readyReplicas, specReplicas } from '../../rollout/sizes.ts'
import { headlineOf } from './headline.ts'
import { imageVersion } from './image-version.ts'
import type { Picture, PodRow, ReplicaSetRow } from './picture.ts'
import type { TrafficMemory } from './traffic-memory.ts'

/**
 * What is known of one Deployment at one moment; all lists may hold what is not the Deployment's.
 */
export interface PictureInput {
  readonly deployment: Deployment
  readonly replicaSets: readonly ReplicaSet[]
  readonly pods: readonly Pod[]
  readonly endpointSlices: readonly EndpointSlice[]
  /** undefined: nobody counts requests on this cluster. */
  readonly traffic: TrafficMemory | undefined
  readonly nowMs: number
}

export function pictureOf(input: PictureInput): Picture {
  const { deployment, traffic } = input
  const { name = '', namespace = '', uid } = deployment.metadata
  const owned = input.replicaSets.filter((replicaSet) => controllerRef(replicaSet)?.uid === uid)
  const { newReplicaSet } = observeDeployment(deployment, owned)
  const endpoints = endpointsByPod(input.endpointSlices)
  const replicaSets = [...owned]
    .sort(byRevision)
    .map((replicaSet) => replicaSetRow(input, endpoints, replicaSet))
    .map((row) => ({ ...row, isNew: row.uid === newReplicaSet?.metadata.uid }))
  const report = reportRollout(deployment)
  return {
    name,
    namespace,
    desired: desiredReplicas(deployment),
    headline: headlineOf(deployment, { report, replicaSets }),
    report,
    replicaSets,
    isServed: replicaSets.some(({ pods }) => pods.some((pod) => endpoints.has(pod.uid))),
    isCounted: traffic !== undefined,
  }
}

/** Pod uid -> whether new requests go there, for every pod that is an endpoint of some Service. */
type Endpoints = ReadonlyMap<string, boolean>

function endpointsByPod(slices: readonly EndpointSlice[]): Endpoints {
  const byPod = new Map<string, boolean>()
  for (const { targetRef, conditions } of slices.flatMap((slice) => slice.endpoints ?? [])) {
    if (targetRef?.uid === undefined) continue
    const isOpen = conditions?.ready !== false && conditions?.terminating !== true
    byPod.set(targetRef.uid, isOpen || byPod.get(targetRef.uid) === true)
  }
  return byPod
}

function replicaSetRow(
  { pods, traffic, nowMs }: PictureInput,
  endpoints: Endpoints,
  replicaSet: ReplicaSet,
): Omit<ReplicaSetRow, 'isNew'> {
  const { uid = '', name = '' } = replicaSet.metadata
  const image = replicaSet.spec?.template?.spec?.containers[0]?.image ?? ''
  const served = [...(traffic?.values() ?? [])].filter((pod) => pod.replicaSetUid === uid)
  return {
    uid,
    name,
    revision: String(revisionOf(replicaSet) ?? '?'),
    image,
    version: imageVersion(image),
    desired: specReplicas(replicaSet),
    ready: readyReplicas(replicaSet),
    pods: pods
      .filter((pod) => controllerRef(pod)?.uid === uid)
      .sort(byAge)
      .map((pod) => podRow(pod, { endpoints, traffic, nowMs })),
    requests: served.reduce((sum, { requests }) => sum + requests, 0),
    failures: served.reduce((sum, { failures }) => sum + failures, 0),
  }
}

function byAge(a: Pod, b: Pod): number {
  const key = ({ metadata }: Pod) => `${metadata.creationTimestamp} ${metadata.name}`
  return key(a) < key(b) ? -1 : 1
}

function podRow(
  pod: Pod,
  around: Pick<PictureInput, 'traffic' | 'nowMs'> & { readonly endpoints: Endpoints },
): PodRow {
  const { uid = '', name = '', creationTimestamp } = pod.metadata
  const { requests = 0, failures = 0 } = around.traffic?.get(uid) ?? {}
  const createdMs = creationTimestamp === undefined ? around.nowMs : Date.parse(creationTimestamp)
  return {
    uid,
    name,
    version: imageVersion(pod.spec?.containers[0]?.image ?? ''),
    status: summarizePod(pod).reason,
    isReady: isPodReady(pod),
    isTerminating: isTerminating(pod),
    inTraffic: around.endpoints.get(uid) === true,
    ageMs: Math.max(0, around.nowMs - createdMs),
    requests,
    failures,
  }
}
