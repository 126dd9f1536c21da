import type { Deployment, Pod, ReplicaSet } from '../../api/generated/types.ts'
import { controllerRef } from '../../api/object.ts'
import { Recent } from '../recent.ts'
import { templateText } from '../template-text.ts'
import { uidOf, type World } from '../world.ts'
import type { Invariant } from './invariant.ts'

/**
 * Where pods are recreated, none is made while one of another template lives (B-49, I-02). Who
 * pauses meanwhile gets the size at once, without that wait: a paused one is only scaled (B-03),
 * and with no ReplicaSet active that is the new one (B-41).
 */
export function recreate(world: World): Invariant {
  const strategies = new Recent<string>(world)
  return {
    name: 'recreate',
    check({ kind, previous, next, atMs }) {
      if (kind === 'Deployment' && next) {
        const { strategy, paused } = (next as Deployment).spec ?? {}
        strategies.set(next, paused ? 'paused' : (strategy?.type ?? ''))
      }
      if (kind !== 'Pod' || previous || !next) return undefined
      const deployment = world.workloadOf(next)
      if (deployment?.kind !== 'Deployment') return undefined
      if (!strategies.wasAlways(deployment, 'Recreate')) return undefined
      const own = templateOfOwner(world, next as Pod)
      // One that already had pods replaces them, whatever becomes of the others.
      const isFirst = world.podsOf(world.byUid(controllerRef(next)?.uid ?? '') ?? next).length === 1
      const isExcused = world.excuses.count(uidOf(deployment), atMs) > 0
      if (!isFirst || isExcused || own !== templateText(deployment.spec?.template)) return undefined
      const other = world
        .podsOf(deployment)
        .find((pod) => isAlive(pod) && templateOfOwner(world, pod) !== own)
      return other && `${next.metadata.name} is made while ${other.metadata.name} lives`
    },
  }
}

function isAlive({ status }: Pod): boolean {
  return status?.phase !== 'Failed' && status?.phase !== 'Succeeded'
}

function templateOfOwner(world: World, pod: Pod): string {
  const replicaSet = world.byUid(controllerRef(pod)?.uid ?? '') as ReplicaSet | undefined
  return templateText(replicaSet?.spec?.template)
}
