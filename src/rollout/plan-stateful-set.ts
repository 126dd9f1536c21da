import type {
  ControllerRevision,
  PersistentVolumeClaim,
  Pod,
  StatefulSetStatus,
} from '../api/generated/types.ts'
import { resolveIntOrPercent } from '../api/int-or-percent.ts'
import { isTerminating } from '../api/object.ts'
import { isPodTerminal } from '../api/pod-facts.ts'
import type { PlannedEvent } from './deployment-plan.ts'
import { claimsOf, statefulSetPod, withIdentity } from './stateful-set-pod.ts'
import {
  firstUnhealthyPod,
  isRunningAndAvailable,
  type ObservedStatefulSet,
  type Replica,
  type Replicas,
  replicasOf,
} from './stateful-set-replicas.ts'
import { revisionNameOf } from './stateful-set-revisions.ts'
import { statefulSetStatus } from './stateful-set-status.ts'

export type StatefulSetAction =
  /** Its claims come first, where they are missing. */
  | {
      readonly type: 'createPod'
      readonly pod: Pod
      readonly claims: readonly PersistentVolumeClaim[]
    }
  /** `event` is told before. */
  | { readonly type: 'deletePod'; readonly pod: Pod; readonly event?: PlannedEvent }
  /** Its identity's labels were taken away. */
  | { readonly type: 'updatePod'; readonly pod: Pod }

export interface StatefulSetPlan {
  /**
   * Each after the former; the actions of one go one by one, or all at once with slow start when
   * `isParallel`. An error ends it, but for the status.
   */
  readonly stages: readonly (readonly StatefulSetAction[])[]
  readonly isParallel: boolean
  readonly status: StatefulSetStatus
}

/** One pass over a StatefulSet (D-12..16). Pure: the same record and time give the same plan. */
export function planStatefulSet(observed: ObservedStatefulSet, nowMs: number): StatefulSetPlan {
  const { statefulSet } = observed
  const isParallel = statefulSet.spec?.podManagementPolicy === 'Parallel'
  if (isTerminating(statefulSet)) {
    return { stages: [], isParallel, status: statefulSetStatus(observed, nowMs) }
  }
  const replicas = replicasOf(observed)
  const keeping = walk(replicas.wanted, isParallel, (replica) => keep(replica, observed, nowMs))
  const unhealthy = firstUnhealthyPod(replicas)
  const shrinking = keeping.isBlocked
    ? blocked
    : walk(replicas.condemned, isParallel, (pod) => shrink(pod, { observed, unhealthy, nowMs }))
  const outdated = shrinking.isBlocked ? [] : podsToUpdate(observed, replicas, nowMs)
  const updating = outdated.map((pod) => ({ type: 'deletePod', pod }) as const)
  return {
    stages: [keeping.actions, shrinking.actions, updating].filter(({ length }) => length > 0),
    isParallel,
    status: statefulSetStatus(observed, nowMs, outdated),
  }
}

interface Step {
  readonly actions: readonly StatefulSetAction[]
  /** What comes after has to wait, unless the pods are managed in parallel. */
  readonly isBlocked: boolean
}

const blocked: Step = { actions: [], isBlocked: true }

/** In order up to the first that blocks (D-12), or over all. */
function walk<T>(items: readonly T[], isParallel: boolean, visit: (item: T) => Step): Step {
  const actions: StatefulSetAction[] = []
  for (const item of items) {
    const step = visit(item)
    actions.push(...step.actions)
    if (step.isBlocked && !isParallel) return { actions, isBlocked: true }
  }
  return { actions, isBlocked: false }
}

/** A wanted pod is there, and lives; the next waits until it is available (D-12). */
function keep({ ordinal, pod }: Replica, observed: ObservedStatefulSet, nowMs: number): Step {
  const { statefulSet } = observed
  if (!pod) {
    const made = statefulSetPod(statefulSet, ordinal, creationRevision(observed, ordinal))
    const claims = claimsOf(statefulSet, ordinal)
    return { actions: [{ type: 'createPod', pod: made, claims }], isBlocked: true }
  }
  if (isPodTerminal(pod)) return isTerminating(pod) ? blocked : recreate(pod, observed)
  const whole = withIdentity(pod, ordinal)
  const actions = whole === pod ? [] : [{ type: 'updatePod', pod: whole } as const]
  const isBlocked = isTerminating(pod) || !isRunningAndAvailable(pod, statefulSet, nowMs)
  return { actions: isTerminating(pod) ? [] : actions, isBlocked }
}

function recreate(pod: Pod, { statefulSet }: ObservedStatefulSet): Step {
  const { namespace, name } = statefulSet.metadata
  const message = `StatefulSet ${namespace}/${name} is recreating failed Pod ${pod.metadata.name}`
  const event = { type: 'Warning', reason: 'RecreatingFailedPod', message } as const
  return { actions: [{ type: 'deletePod', pod, event }], isBlocked: true }
}

/** Below the partition the current revision is kept, even for a pod that was deleted (D-15). */
function creationRevision(observed: ObservedStatefulSet, ordinal: number): ControllerRevision {
  const { statefulSet, currentRevision, updateRevision } = observed
  const { updateStrategy, ordinals } = statefulSet.spec ?? {}
  if (updateStrategy?.type !== 'RollingUpdate') return updateRevision
  const { rollingUpdate } = updateStrategy
  const kept = rollingUpdate
    ? (rollingUpdate.partition ?? 0)
    : (statefulSet.status?.currentReplicas ?? 0)
  return ordinal - (ordinals?.start ?? 0) < kept ? currentRevision : updateRevision
}

interface Shrinking {
  readonly observed: ObservedStatefulSet
  readonly unhealthy: Pod | undefined
  readonly nowMs: number
}

/** One at a time, and none while another is in trouble (D-13). */
function shrink(pod: Pod, { observed, unhealthy, nowMs }: Shrinking): Step {
  const isParallel = observed.statefulSet.spec?.podManagementPolicy === 'Parallel'
  if (isTerminating(pod)) return blocked
  const isUp = isRunningAndAvailable(pod, observed.statefulSet, nowMs)
  if (!isParallel && !isUp && pod !== unhealthy) return blocked
  return { actions: [{ type: 'deletePod', pod }], isBlocked: true }
}

/** Outdated pods that may go now, the highest ordinal first (D-14, D-16). */
function podsToUpdate(
  observed: ObservedStatefulSet,
  { wanted }: Replicas,
  nowMs: number,
): readonly Pod[] {
  const { statefulSet, updateRevision } = observed
  const { updateStrategy, podManagementPolicy } = statefulSet.spec ?? {}
  if (updateStrategy?.type !== 'RollingUpdate') return []
  const isUp = (pod: Pod) => isRunningAndAvailable(pod, statefulSet, nowMs) && !isTerminating(pod)
  const unavailable = wanted.filter(({ pod }) => !pod || !isUp(pod)).length
  const outdated = wanted
    .slice(updateStrategy.rollingUpdate?.partition ?? 0)
    .flatMap(({ pod }) => (pod ? [pod] : []))
    .filter((pod) => !isTerminating(pod) && revisionNameOf(pod) !== updateRevision.metadata.name)
    .reverse()
  const budget = Math.max(maxUnavailableOf(observed) - unavailable, 0)
  if (podManagementPolicy !== 'Parallel') return outdated.slice(0, budget)
  // What is down already costs nothing to replace; else a broken update could not be taken back.
  const broken = outdated.filter((pod) => !isUp(pod))
  return [...broken, ...outdated.filter(isUp).slice(0, budget)]
}

/** D-16, V-07: at least one. */
function maxUnavailableOf({ statefulSet }: ObservedStatefulSet): number {
  const { replicas = 1, updateStrategy } = statefulSet.spec ?? {}
  const maxUnavailable = updateStrategy?.rollingUpdate?.maxUnavailable ?? 1
  return Math.max(resolveIntOrPercent(maxUnavailable, replicas, 'down'), 1)
}
