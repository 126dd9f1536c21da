import { controllerRef } from '../../api/object.ts'
import type { Invariant } from './invariant.ts'

const kinds: readonly string[] = ['Pod', 'ReplicaSet', 'ControllerRevision']

/** Nobody has two controllers, or passes from one to the next without being free (B-05, C-02). */
export function ownership(): Invariant {
  return {
    name: 'one owner',
    check({ kind, previous, next }) {
      if (!next || !kinds.includes(kind)) return undefined
      const { name, ownerReferences = [] } = next.metadata
      const controllers = ownerReferences.filter(({ controller }) => controller)
      if (controllers.length > 1) return `${kind} ${name} has ${controllers.length} controllers`
      const [before, now] = [previous && controllerRef(previous), controllers[0]]
      if (!before || !now || before.uid === now.uid) return undefined
      return `${kind} ${name} is taken from ${before.name} by ${now.name}`
    },
  }
}
