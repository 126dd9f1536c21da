import type { DaemonSet, Pod } from '../../api/generated/types.ts'
import { controllerRef } from '../../api/object.ts'
import { Recent } from '../recent.ts'
import { uidOf, type World } from '../world.ts'
import type { Invariant } from './invariant.ts'

/** One pod of a DaemonSet per node, and one more while it may surge (D-30, D-35). */
export function daemonsPerNode(world: World): Invariant {
  const surges = new Recent<boolean>(world)
  return {
    name: 'daemons per node',
    check({ kind, previous, next, atMs }) {
      if (kind === 'DaemonSet' && next) surges.set(next, hasSurge(next as DaemonSet))
      if (kind !== 'Pod' || previous || !next) return undefined
      const daemonSet = world.byUid(controllerRef(next)?.uid ?? '')
      if (daemonSet?.kind !== 'DaemonSet') return undefined
      const node = nodeOf(next as Pod)
      const here = world.podsOf(daemonSet).filter((pod) => isActive(pod) && nodeOf(pod) === node)
      const limit = surges.of(daemonSet).includes(true) ? 2 : 1
      if (here.length <= limit + world.excuses.count(uidOf(daemonSet), atMs)) return undefined
      return `${daemonSet.metadata.name} has ${here.length} pods on ${node}, at most ${limit} may be`
    },
  }
}

function hasSurge({ spec }: DaemonSet): boolean {
  const { maxSurge = 0 } = spec?.updateStrategy?.rollingUpdate ?? {}
  return maxSurge !== 0 && maxSurge !== '0%'
}

function isActive({ metadata, status }: Pod): boolean {
  const isOver = status?.phase === 'Failed' || status?.phase === 'Succeeded'
  return !isOver && metadata.deletionTimestamp === undefined
}

/** Where it is, or is meant to be. */
function nodeOf({ spec }: Pod): string | undefined {
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const [field] = required?.nodeSelectorTerms.flatMap(({ matchFields = [] }) => matchFields) ?? []
  return spec?.nodeName ?? field?.values?.[0]
}
