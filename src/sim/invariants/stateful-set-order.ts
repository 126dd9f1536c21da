import type { Pod, StatefulSet } from '../../api/generated/types.ts'
import { controllerRef, isTerminating } from '../../api/object.ts'
import { Recent } from '../recent.ts'
import { uidOf, type World } from '../world.ts'
import type { Invariant } from './invariant.ts'

/**
 * An ordered StatefulSet makes a pod only when all before it have been ready (D-12), and shrinks
 * from the top (D-13). An update goes down from the top, too, and leaves alone what is below the
 * partition (D-14), and what is made there is of the current revision (D-15).
 */
export function statefulSetOrder(world: World): Invariant {
  const facts: Facts = {
    world,
    sizes: new Recent<number>(world),
    partitions: new Recent<number>(world),
    updates: new Recent<string | undefined>(world),
    healthyMs: new Map(),
  }
  return {
    name: 'StatefulSet order',
    check({ kind, previous, next }) {
      if (kind === 'StatefulSet' && next) note(facts, next as StatefulSet)
      if (kind !== 'Pod') return undefined
      const pod = (next ?? previous) as Pod
      const set = world.byUid(controllerRef(previous ?? pod)?.uid ?? '')
      if (set?.kind !== 'StatefulSet') return undefined
      const statefulSet = set as StatefulSet
      const isOrWas = [previous, next].some((each) => each && isHealthy(each as Pod))
      if (isOrWas) facts.healthyMs.set(`${uidOf(set)} ${ordinalOf(pod)}`, now(world))
      if (isTerminating(set)) return undefined
      if (!previous) return created(facts, statefulSet, pod)
      const hasGone = !isTerminating(previous) && (!next || isTerminating(next))
      return hasGone ? deleted(facts, statefulSet, previous as Pod) : undefined
    },
  }
}

interface Facts {
  readonly world: World
  readonly sizes: Recent<number>
  readonly partitions: Recent<number>
  readonly updates: Recent<string | undefined>
  /** When an ordinal's pod was last seen healthy, by the set's uid and the ordinal. */
  readonly healthyMs: Map<string, number>
}

function note({ sizes, partitions, updates }: Facts, set: StatefulSet): void {
  const { replicas = 1, updateStrategy } = set.spec ?? {}
  sizes.set(set, replicas)
  partitions.set(set, updateStrategy?.rollingUpdate?.partition ?? 0)
  updates.set(set, set.status?.updateRevision)
}

function created(facts: Facts, set: StatefulSet, pod: Pod): string | undefined {
  const { world, healthyMs, partitions } = facts
  const ordinal = ordinalOf(pod)
  const { status } = set
  const { currentRevision, updateRevision } = status ?? {}
  const revision = pod.metadata.labels?.['controller-revision-hash']
  const isHeld = ordinal < Math.min(...partitions.of(set)) && isRolling(set)
  const isNews = currentRevision !== updateRevision && revision === updateRevision
  if (isHeld && isNews && currentRevision) {
    return `${pod.metadata.name} is below the partition and gets the update`
  }
  if (set.spec?.podManagementPolicy === 'Parallel') return undefined
  for (let below = 0; below < ordinal; below++) {
    const seenMs = healthyMs.get(`${uidOf(set)} ${below}`)
    const isRecent = seenMs !== undefined && seenMs >= now(world) - world.stalenessMs
    const isThere = world.podsOf(set).some((each) => ordinalOf(each) === below && isHealthy(each))
    if (!isRecent && !isThere) return `${pod.metadata.name} is made, and ${below} is not ready`
  }
  return undefined
}

function deleted(facts: Facts, set: StatefulSet, pod: Pod): string | undefined {
  const { world, sizes, partitions } = facts
  if (world.excuses.of(uidOf(set), now(world)).has(uidOf(pod))) return undefined
  if (isEvicted(world, pod)) return undefined
  if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') return undefined
  const ordinal = ordinalOf(pod)
  const isCondemned = ordinal >= Math.min(...sizes.of(set))
  if (!isCondemned) {
    const isHeld = ordinal < Math.min(...partitions.of(set))
    return isHeld
      ? `${pod.metadata.name} is below the partition and is deleted`
      : updated(facts, set, pod)
  }
  if (set.spec?.podManagementPolicy === 'Parallel') return undefined
  const isShrinking = ordinal >= Math.max(...sizes.of(set))
  const higher = world.podsOf(set).find((each) => ordinalOf(each) > ordinal && !isTerminating(each))
  return isShrinking && higher
    ? `${pod.metadata.name} is deleted before ${higher.metadata.name}`
    : undefined
}

/** What is outdated and stands above goes before. */
function updated({ world, sizes, updates }: Facts, set: StatefulSet, pod: Pod): string | undefined {
  const { updateRevision } = set.status ?? {}
  const isSteady = updates.wasAlways(set, updateRevision) && sizes.of(set).length === 1
  if (!isSteady || set.spec?.podManagementPolicy === 'Parallel') return undefined
  const above = world
    .podsOf(set)
    .find(
      (each) =>
        ordinalOf(each) > ordinalOf(pod) &&
        each.metadata.labels?.['controller-revision-hash'] !== updateRevision &&
        !isTerminating(each),
    )
  return above && `${pod.metadata.name} is updated before ${above.metadata.name}`
}

/** Off a node that is lost, or cut off, for longer than the pod tolerates. */
function isEvicted({ excuses, clock }: World, { spec, status }: Pod): boolean {
  const isTargeted = status?.conditions?.some(
    ({ type, reason }) => type === 'DisruptionTarget' && reason === 'DeletionByTaintManager',
  )
  return isTargeted === true && excuses.isNodeExcused(spec?.nodeName, clock.monotonic())
}

function isRolling({ spec }: StatefulSet): boolean {
  return spec?.updateStrategy?.type !== 'OnDelete'
}

function isHealthy({ metadata, status }: Pod): boolean {
  const isReady = status?.conditions?.some(
    (each) => each.type === 'Ready' && each.status === 'True',
  )
  return isReady === true && status?.phase === 'Running' && !metadata.deletionTimestamp
}

function ordinalOf({ metadata }: Pod): number {
  return Number(metadata.name?.slice(metadata.name.lastIndexOf('-') + 1))
}

function now(world: World): number {
  return world.clock.monotonic()
}
