import type { Deployment, ReplicaSet } from '../../api/generated/types.ts'
import { controllerRef, isTerminating } from '../../api/object.ts'
import { Recent } from '../recent.ts'
import { templateText } from '../template-text.ts'
import type { World } from '../world.ts'
import type { Invariant } from './invariant.ts'

/**
 * A Deployment never makes a second ReplicaSet of the same template (B-10), nor one of a template
 * that it does not have. One that is adopted may be a double, and stands (B-08).
 */
export function newReplicaSet(world: World): Invariant {
  const templates = new Recent<string>(world)
  return {
    name: 'one new ReplicaSet',
    check({ kind, previous, next }) {
      if (kind === 'Deployment' && next) {
        templates.set(next, templateText((next as Deployment).spec?.template))
      }
      if (kind !== 'ReplicaSet' || previous || !next) return undefined
      const deployment = world.byUid(controllerRef(next)?.uid ?? '')
      if (deployment?.kind !== 'Deployment') return undefined
      const text = textOf(next as ReplicaSet)
      const { name } = next.metadata
      if (!templates.of(deployment).includes(text)) return `${name} has a template of nobody`
      const double = world
        .replicaSetsOf(deployment)
        .find((each) => each !== next && !isTerminating(each) && textOf(each) === text)
      return double && `${name} has the template of ${double.metadata.name}`
    },
  }
}

function textOf({ spec }: ReplicaSet): string {
  return templateText(spec?.template)
}
