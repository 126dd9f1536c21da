import type { Deployment, Pod } from '../../api/generated/types.ts'
import { controllerRef } from '../../api/object.ts'
import { Recent } from '../recent.ts'
import type { World } from '../world.ts'
import type { Invariant } from './invariant.ts'

/** Where pods are recreated, none is made while one of another ReplicaSet lives (B-49, I-02). */
export function recreate(world: World): Invariant {
  const strategies = new Recent<string>(world)
  return {
    name: 'recreate',
    check({ kind, previous, next }) {
      if (kind === 'Deployment' && next) {
        strategies.set(next, (next as Deployment).spec?.strategy?.type ?? '')
      }
      if (kind !== 'Pod' || previous || !next) return undefined
      const deployment = world.workloadOf(next)
      if (deployment?.kind !== 'Deployment') return undefined
      if (!strategies.wasAlways(deployment, 'Recreate')) return undefined
      const own = controllerRef(next)?.uid
      const other = world
        .podsOf(deployment)
        .find((pod) => controllerRef(pod)?.uid !== own && isAlive(pod))
      return other && `${next.metadata.name} is made while ${other.metadata.name} lives`
    },
  }
}

function isAlive({ status }: Pod): boolean {
  return status?.phase !== 'Failed' && status?.phase !== 'Succeeded'
}
