import type { Deployment, Pod, ReplicaSet } from '../../api/generated/types.ts'
import { controllerRef, type KubeObject } from '../../api/object.ts'
import { expectedMaxTotal } from '../expected-limits.ts'
import { Recent } from '../recent.ts'
import { templateText } from '../template-text.ts'
import { type Change, uidOf, type World } from '../world.ts'
import type { Invariant } from './invariant.ts'

const wanted = (replicaSet: KubeObject | undefined) =>
  (replicaSet as ReplicaSet | undefined)?.spec?.replicas ?? 0

/**
 * A Deployment's ReplicaSets together never grow past replicas + maxSurge (B-38), and no ReplicaSet
 * makes more pods than it wants (C-05, C-07). What was so until a moment ago still counts, as
 * caches may be behind.
 */
export function total(world: World): Invariant {
  const limits = new Recent<number>(world)
  return {
    name: 'total',
    check(change) {
      const { kind, previous, next } = change
      if (kind === 'Deployment' && next) limits.set(next, expectedMaxTotal(next as Deployment))
      // One that was just made is, for whoever has not seen it yet, none.
      if (kind === 'ReplicaSet' && next && !previous) limits.set(next, 0)
      if (kind === 'ReplicaSet' && next) limits.set(next, wanted(next))
      if (kind === 'ReplicaSet') return checkReplicaSet(change, world, limits)
      return kind === 'Pod' ? checkPod(change, world, limits) : undefined
    },
  }
}

function checkReplicaSet(
  { previous, next }: Change,
  world: World,
  limits: Recent<number>,
): string | undefined {
  const owner = next && controllerRef(next)
  const isAdopted = previous !== undefined && controllerRef(previous)?.uid !== owner?.uid
  if (isAdopted || wanted(next) <= wanted(previous)) return undefined
  const deployment = world.byUid(owner?.uid ?? '')
  if (deployment?.kind !== 'Deployment') return undefined
  const limit = Math.max(...limits.of(deployment))
  const text = templateText((deployment as Deployment).spec?.template)
  const isNew = templateText((next as ReplicaSet).spec?.template) === text
  // Whoever grows the new one waits for what he has written himself, but may not know yet that
  // another was made or has grown, if the answer to that got lost.
  const seen = (each: ReplicaSet) =>
    isNew && each !== next && world.isUnheard(uidOf(each))
      ? Math.min(wanted(each), ...limits.of(each))
      : wanted(each)
  const sum = world.replicaSetsOf(deployment).reduce((sum, each) => sum + seen(each), 0)
  if (sum <= limit) return undefined
  const { name } = deployment.metadata
  return `the ReplicaSets of ${name} want ${sum} pods, at most ${limit} are allowed`
}

function checkPod(
  { previous, next, atMs }: Change,
  world: World,
  limits: Recent<number>,
): string | undefined {
  const owner = previous ? undefined : next && controllerRef(next)
  const replicaSet = world.byUid(owner?.uid ?? '')
  if (replicaSet?.kind !== 'ReplicaSet') return undefined
  const limit = Math.max(...limits.of(replicaSet))
  const active = world.podsOf(replicaSet).filter(isActive).length
  if (active <= limit + world.excuses.count(uidOf(replicaSet), atMs)) return undefined
  return `ReplicaSet ${replicaSet.metadata.name} has ${active} pods and wants ${limit}`
}

function isActive({ metadata, status }: Pod): boolean {
  const isOver = status?.phase === 'Failed' || status?.phase === 'Succeeded'
  return !isOver && metadata.deletionTimestamp === undefined
}
