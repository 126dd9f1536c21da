import type { Deployment, Pod, ReplicaSet } from '../../api/generated/types.ts'
import { controllerRef, type KubeObject } from '../../api/object.ts'
import { expectedMaxTotal } from '../expected-limits.ts'
import { Recent } from '../recent.ts'
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
  const limits = new Map<string, Recent>()
  const note = (object: KubeObject, atMs: number, limit: number) => {
    const recent = limits.get(uidOf(object)) ?? new Recent(world.stalenessMs)
    limits.set(uidOf(object), recent)
    recent.set(atMs, limit)
  }
  const limitOf = (uid: string, atMs: number) => limits.get(uid)?.max(atMs)

  const checkReplicaSet = ({ previous, next, atMs }: Change): string | undefined => {
    if (!next) return undefined
    note(next, atMs, wanted(next))
    const owner = controllerRef(next)
    const isAdopted = previous !== undefined && controllerRef(previous)?.uid !== owner?.uid
    if (isAdopted || wanted(next) <= wanted(previous)) return undefined
    const deployment = world.byUid(owner?.uid ?? '') as Deployment | undefined
    const limit = deployment && limitOf(uidOf(deployment), atMs)
    if (!deployment || limit === undefined) return undefined
    const sum = world.replicaSetsOf(deployment).reduce((total, each) => total + wanted(each), 0)
    if (sum <= limit) return undefined
    return `the ReplicaSets of ${deployment.metadata.name} want ${sum} pods, at most ${limit} are allowed`
  }

  const checkPod = ({ next, previous, atMs }: Change): string | undefined => {
    const owner = previous ? undefined : next && controllerRef(next)
    const replicaSet = world.byUid(owner?.uid ?? '')
    const limit = limitOf(owner?.uid ?? '', atMs)
    if (replicaSet?.kind !== 'ReplicaSet' || limit === undefined) return undefined
    const active = world.podsOf(replicaSet).filter(isActive).length
    const excused = world.excuses.count(uidOf(replicaSet), atMs)
    if (active <= limit + excused) return undefined
    return `ReplicaSet ${replicaSet.metadata.name} has ${active} pods and wants ${limit}`
  }

  return {
    name: 'total',
    check(change) {
      const { kind, next, atMs } = change
      if (kind === 'Deployment' && next) note(next, atMs, expectedMaxTotal(next as Deployment))
      if (kind === 'ReplicaSet') return checkReplicaSet(change)
      return kind === 'Pod' ? checkPod(change) : undefined
    },
  }
}

function isActive({ metadata, status }: Pod): boolean {
  const isOver = status?.phase === 'Failed' || status?.phase === 'Succeeded'
  return !isOver && metadata.deletionTimestamp === undefined
}
