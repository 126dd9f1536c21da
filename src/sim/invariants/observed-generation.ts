import type { Deployment } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Invariant } from './invariant.ts'

const kinds: readonly string[] = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Pod']

/** No status is about a spec that does not exist yet, and none goes back (B-51, C-09). */
export function observedGeneration(): Invariant {
  return {
    name: 'observedGeneration',
    check({ kind, previous, next }) {
      if (!next || !kinds.includes(kind)) return undefined
      const now = observed(next)
      const before = previous ? observed(previous) : 0
      const { name, generation = 0 } = next.metadata
      if (now > generation)
        return `${kind} ${name} has observed ${now} of ${generation} generations`
      if (now < before) return `${kind} ${name} has observed ${now} generations, before ${before}`
      return undefined
    },
  }
}

function observed(object: KubeObject): number {
  return (object as Deployment).status?.observedGeneration ?? 0
}
