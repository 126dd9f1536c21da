import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  Pod,
  ReplicaSet,
  StatefulSet,
} from '../api/generated/types.ts'
import { revisionAnnotation } from '../api/names.ts'
import { controllerRef, type KubeObject } from '../api/object.ts'
import { isPodTerminal } from '../api/pod-facts.ts'
import { isHistoryTooLong } from './invariants/history.ts'
import { templateText } from './template-text.ts'
import { uidOf, type Workload, type World } from './world.ts'

/** What is not yet as it is wanted, for people; empty when all has converged. */
export function unsettled(world: World): readonly string[] {
  return [
    ...world.workloads().flatMap((workload) => {
      const why = unsettledWorkload(world, workload)
      return why === undefined ? [] : [`${workload.kind} ${workload.metadata.name} ${why}`]
    }),
    ...world.all<ReplicaSet>('ReplicaSet').flatMap((replicaSet) => {
      const isWaiting = !controllerRef(replicaSet) && isAwaitingAvailability(replicaSet)
      return isWaiting ? [`ReplicaSet ${replicaSet.metadata.name} has pods not yet available`] : []
    }),
    ...world.all<Pod>('Pod').flatMap((pod) => {
      const why = unsettledPod(world, pod)
      return why === undefined ? [] : [`Pod ${pod.metadata.name} ${why}`]
    }),
  ]
}

/**
 * One without a Deployment may want what nobody can start; what has started counts in time, by a
 * clock that may have been set back (B-59, C-09).
 */
function isAwaitingAvailability({ status }: ReplicaSet): boolean {
  return (status?.availableReplicas ?? 0) < (status?.readyReplicas ?? 0)
}

function unsettledWorkload(world: World, workload: Workload): string | undefined {
  const { metadata, status } = workload
  if (metadata.deletionTimestamp) return 'is still being deleted'
  if (status?.observedGeneration !== metadata.generation) return 'has not been observed'
  const wanted = wantedOf(world, workload)
  const counts = countsOf(workload)
  const wrong = Object.entries(counts).find(([, count]) => (count ?? 0) !== wanted)
  if (wrong) return `has ${wrong[0]} ${wrong[1]} of ${wanted}`
  const pods = world.podsOf(workload).filter((pod) => isCounted(workload, pod))
  if (pods.length !== wanted) return `has ${pods.length} pods and wants ${wanted}`
  if (isHistoryTooLong(world, workload)) return 'keeps more history than it should'
  if (workload.kind === 'Deployment') return untold(world, workload as Deployment)
  return isLatestCurrent(world, workload) ? undefined : 'has an update that is not its latest'
}

/**
 * A ReplicaSet leaves pods that have ended where they are, as upstream does: one that was given up
 * with its node, which then came back before the pod was deleted, stays.
 */
function isCounted({ kind }: Workload, pod: Pod): boolean {
  const isLeaving = pod.metadata.deletionTimestamp !== undefined
  return kind !== 'Deployment' || isLeaving || !isPodTerminal(pod)
}

/** The pods' revision is the one with the highest number (D-04), where nothing holds them back. */
function isLatestCurrent(world: World, workload: Workload): boolean {
  const all = world
    .ownedBy(uidOf(workload))
    .filter(({ kind }) => kind === 'ControllerRevision') as KubeObject[] as ControllerRevision[]
  const [first, ...others] = all
  const latest = first && others.reduce((a, b) => (b.revision > a.revision ? b : a), first)
  if (workload.kind === 'StatefulSet') {
    return (workload as StatefulSet).status?.updateRevision === latest?.metadata.name
  }
  const label = 'controller-revision-hash'
  const isOnDelete = (workload as DaemonSet).spec?.updateStrategy?.type === 'OnDelete'
  const hash = latest?.metadata.labels?.[label]
  return (
    isOnDelete || world.podsOf(workload).every(({ metadata }) => metadata.labels?.[label] === hash)
  )
}

/** What a Deployment that is complete says of itself (B-21, B-23, B-52, B-53). */
function untold(world: World, deployment: Deployment): string | undefined {
  const { metadata, status } = deployment
  const reasonOf = (wanted: string) =>
    status?.conditions?.find(({ type }) => type === wanted)?.reason
  const said = [reasonOf('Available'), reasonOf('Progressing')].join()
  if (said !== 'MinimumReplicasAvailable,NewReplicaSetAvailable') return `says ${said}`
  const text = templateText(deployment.spec?.template)
  const current = world
    .replicaSetsOf(deployment)
    .filter(({ spec }) => templateText(spec?.template) === text)
    .map((replicaSet) => replicaSet.metadata.annotations?.[revisionAnnotation])
  const own = metadata.annotations?.[revisionAnnotation]
  if (!current.includes(own)) return `is of revision ${own}, not ${current.join()}`
  const others = world
    .replicaSetsOf(deployment)
    .filter(({ spec }) => templateText(spec?.template) !== text)
    .map((replicaSet) => BigInt(replicaSet.metadata.annotations?.[revisionAnnotation] ?? 0))
  const isHighest = [0n, ...others].every((other) => BigInt(own ?? 0) > other)
  return isHighest ? undefined : `is of revision ${own}, beside ${others.join()}`
}

function wantedOf(world: World, workload: Workload): number {
  if (workload.kind === 'DaemonSet') return world.all('Node').length
  return (workload as Deployment).spec?.replicas ?? 1
}

function countsOf(workload: Workload): Readonly<Record<string, number | undefined>> {
  switch (workload.kind) {
    case 'Deployment': {
      const { replicas, updatedReplicas, readyReplicas, availableReplicas } =
        (workload as Deployment).status ?? {}
      return { replicas, updatedReplicas, readyReplicas, availableReplicas }
    }
    case 'StatefulSet': {
      const { spec, status } = workload as StatefulSet
      const { replicas, updatedReplicas, readyReplicas, availableReplicas } = status ?? {}
      const isPartial =
        spec?.updateStrategy?.type === 'OnDelete' ||
        (spec?.updateStrategy?.rollingUpdate?.partition ?? 0) > 0
      return { replicas, readyReplicas, availableReplicas, ...(!isPartial && { updatedReplicas }) }
    }
    default: {
      const { spec, status } = workload as DaemonSet
      const { desiredNumberScheduled, currentNumberScheduled, numberReady, numberAvailable } =
        status ?? {}
      const isOnDelete = spec?.updateStrategy?.type === 'OnDelete'
      const { updatedNumberScheduled } = status ?? {}
      return {
        desiredNumberScheduled,
        currentNumberScheduled,
        numberReady,
        numberAvailable,
        ...(!isOnDelete && { updatedNumberScheduled }),
      }
    }
  }
}

function unsettledPod(world: World, pod: Pod): string | undefined {
  if (pod.metadata.deletionTimestamp) return 'is still ending'
  const owner = controllerRef(pod)
  if (owner) return world.byUid(owner.uid) ? undefined : 'has an owner that is gone'
  const isWanted = world
    .workloads()
    .some(({ spec }) => spec?.selector?.matchLabels?.app === pod.metadata.labels?.app)
  return isWanted ? 'has no owner, and one that would have it' : undefined
}

/** Those that wait for something that will not come, and that only people can help (D-1B). */
export function stuckPods(world: World, nowMs: number, afterMs: number): readonly KubeObject[] {
  return world.all<StatefulSet>('StatefulSet').flatMap((statefulSet) =>
    world.podsOf(statefulSet).filter((pod) => {
      const isReady = pod.status?.conditions?.some(
        ({ type, status }) => type === 'Ready' && status === 'True',
      )
      const revision = pod.metadata.labels?.['controller-revision-hash']
      const isOld = revision !== statefulSet.status?.updateRevision
      const ageMs = nowMs - Date.parse(pod.metadata.creationTimestamp ?? '')
      return !isReady && isOld && ageMs > afterMs && uidOf(pod) !== ''
    }),
  )
}
