import type { Deployment, ReplicaSet } from '../../api/generated/types.ts'
import { controllerRef } from '../../api/object.ts'
import { Recent } from '../recent.ts'
import { templateText } from '../template-text.ts'
import type { World } from '../world.ts'
import type { Invariant } from './invariant.ts'

/**
 * A paused Deployment makes no ReplicaSet, and sizes none unless it is scaled itself (B-03, B-48).
 * Two things are no rollout: a lone ReplicaSet has all its pods (B-41), and none is left where the
 * new one is complete (B-42).
 */
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
      if (isSettling(world, deployment as Deployment, next as ReplicaSet)) return undefined
      const { name: replicaSet } = next.metadata
      return `${name} is paused and scales ${replicaSet} from ${before} to ${now}`
    },
  }
}

function isSettling(world: World, deployment: Deployment, scaled: ReplicaSet): boolean {
  const all = world.replicaSetsOf(deployment)
  const replicas = deployment.spec?.replicas ?? 1
  const others = all.filter((each) => each !== scaled && (each.spec?.replicas ?? 0) > 0)
  if (scaled.spec?.replicas === replicas && others.length === 0) return true
  const isComplete = all.some(
    ({ spec, status }) =>
      templateText(spec?.template) === templateText(deployment.spec?.template) &&
      spec?.replicas === replicas &&
      status?.availableReplicas === replicas,
  )
  return scaled.spec?.replicas === 0 && isComplete
}
