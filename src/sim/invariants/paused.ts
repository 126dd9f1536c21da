import type { Deployment, ReplicaSet } from '../../api/generated/types.ts'
import { controllerRef } from '../../api/object.ts'
import { Recent } from '../recent.ts'
import type { World } from '../world.ts'
import type { Invariant } from './invariant.ts'

/** A paused Deployment makes no ReplicaSet, and sizes none unless it is scaled itself (B-03). */
export function paused(world: World): Invariant {
  const isPaused = new Recent<boolean>(world)
  const sizes = new Recent<string>(world)
  return {
    name: 'paused',
    check({ kind, previous, next }) {
      if (kind === 'Deployment' && next) {
        const { spec } = next as Deployment
        isPaused.set(next, spec?.paused === true)
        sizes.set(next, `${spec?.replicas} ${JSON.stringify(spec?.strategy)}`)
      }
      if (kind !== 'ReplicaSet' || !next) return undefined
      const deployment = world.byUid(controllerRef(next)?.uid ?? '')
      if (deployment?.kind !== 'Deployment' || !isPaused.wasAlways(deployment, true)) {
        return undefined
      }
      const { name } = deployment.metadata
      if (!previous) return `${name} is paused and makes ${next.metadata.name}`
      const [before, now] = [previous, next].map((each) => (each as ReplicaSet).spec?.replicas)
      if (before === now || sizes.of(deployment).length > 1) return undefined
      const { name: replicaSet } = next.metadata
      return `${name} is paused and scales ${replicaSet} from ${before} to ${now}`
    },
  }
}
