import type { ControllerRevision, Deployment, Pod, ReplicaSet } from '../../api/generated/types.ts'
import { controllerRef, isTerminating, type KubeObject } from '../../api/object.ts'
import { Recent } from '../recent.ts'
import { templateText } from '../template-text.ts'
import { isWorkload, uidOf, type Workload, type World } from '../world.ts'
import type { Invariant } from './invariant.ts'

/**
 * Of the history only what is beyond the limit goes, and nothing that is in use (B-66, D-19, D-39).
 * That enough goes is seen when all has converged.
 */
export function history(world: World): Invariant {
  const limits = new Recent<number>(world)
  const templates = new Recent<string>(world)
  return {
    name: 'history',
    check({ kind, previous, next }) {
      if (isWorkload(next)) {
        limits.set(next, next.spec?.revisionHistoryLimit ?? 10)
        templates.set(next, textOf(next))
      }
      const hasGone = previous && (!next || (isTerminating(next) && !isTerminating(previous)))
      if (!hasGone || (kind !== 'ReplicaSet' && kind !== 'ControllerRevision')) return undefined
      const owner = world.byUid(controllerRef(previous)?.uid ?? '')
      if (!isWorkload(owner) || isTerminating(owner)) return undefined
      const inUse = usedBy(world, owner, previous)
      // An undo may bring back what a controller that has not heard of it cleans up: as upstream's.
      const isExcused = inUse === isPresentTemplate && !templates.wasAlways(owner, textOf(previous))
      if (inUse && !isExcused) return `${previous.metadata.name} is deleted, but ${inUse}`
      const left = lengthOfHistory(world, owner, next)
      const limit = Math.min(...limits.of(owner))
      if (left >= limit) return undefined
      return `${previous.metadata.name} is deleted, ${left} are left of a history of ${limit}`
    },
  }
}

/**
 * As it is counted against the limit: what is not current, and for a StatefulSet only what no pod
 * runs (B-66, D-19, D-39).
 */
function lengthOfHistory(world: World, owner: Workload, leaving?: KubeObject): number {
  const all = world
    .ownedBy(owner.metadata.uid ?? '')
    .filter((each) => isHistory(each) && each !== leaving)
  if (owner.kind === 'DaemonSet') return all.length - 1
  if (owner.kind === 'StatefulSet') return all.filter((each) => !usedBy(world, owner, each)).length
  const isPresent = (each: KubeObject) => hasTemplateOf(owner as Deployment, each as ReplicaSet)
  return all.some(isPresent) ? all.length - 1 : all.length
}

/** More than its limit says, though something could go (D-39: what a pod runs stays). */
export function isHistoryTooLong(world: World, owner: Workload): boolean {
  const isUnused = world
    .ownedBy(owner.metadata.uid ?? '')
    .some((each) => isHistory(each) && !usedBy(world, owner, each))
  return isUnused && lengthOfHistory(world, owner) > (owner.spec?.revisionHistoryLimit ?? 10)
}

function isHistory({ kind }: KubeObject): boolean {
  return kind === 'ReplicaSet' || kind === 'ControllerRevision'
}

/** By what it is used; empty when by nothing. */
function usedBy(world: World, owner: Workload, object: KubeObject): string {
  return object.kind === 'ReplicaSet'
    ? replicaSetUse(world, owner as Deployment, object as ReplicaSet)
    : revisionUse(world, owner, object as ControllerRevision)
}

function replicaSetUse(world: World, owner: Deployment, replicaSet: ReplicaSet): string {
  if ((replicaSet.spec?.replicas ?? 0) > 0) return 'wants pods'
  if ((replicaSet.status?.replicas ?? 0) > 0) return 'has pods'
  if (!hasTemplateOf(owner, replicaSet)) return ''
  // Of doubles, which come by adoption, one is enough.
  const hasDouble = world
    .replicaSetsOf(owner)
    .some((each) => uidOf(each) !== uidOf(replicaSet) && hasTemplateOf(owner, each))
  return hasDouble ? '' : isPresentTemplate
}

const isPresentTemplate = 'has the present template'

function hasTemplateOf(owner: Deployment, replicaSet: ReplicaSet): boolean {
  return textOf(replicaSet) === textOf(owner)
}

function textOf(object: KubeObject): string {
  return templateText((object as ReplicaSet | Deployment).spec?.template)
}

function revisionUse(world: World, owner: Workload, revision: ControllerRevision): string {
  const { name = '', labels } = revision.metadata
  const isLatest = world
    .ownedBy(owner.metadata.uid ?? '')
    .every((each) => !isHistory(each) || numberOf(each) <= numberOf(revision))
  if (isLatest) return 'is the latest'
  const status = owner.status as { currentRevision?: string; updateRevision?: string } | undefined
  if (name === status?.currentRevision || name === status?.updateRevision) return 'is current'
  const hash = labels?.['controller-revision-hash'] ?? name
  const carries = ({ metadata }: Pod) => metadata.labels?.['controller-revision-hash'] === hash
  return world.podsOf(owner).some(carries) ? 'a pod runs it' : ''
}

function numberOf(revision: KubeObject): bigint {
  return BigInt((revision as ControllerRevision).revision)
}
