import type { Pod } from '../../api/generated/types.ts'
import { controllerRef } from '../../api/object.ts'
import { isPodTerminal } from '../../api/pod-facts.ts'
import { uidOf, type World } from '../world.ts'
import type { Invariant } from './invariant.ts'

/**
 * A pod of a StatefulSet stays until its node has said that it has ended: while the node is cut
 * off, that it still runs is as likely as not, and another of its name would be two of them (F-14).
 * Whoever deletes it by force, or grants it no time to end, takes that upon himself.
 */
export function confirmedEnd(world: World): Invariant {
  return {
    name: 'confirmed end',
    check({ kind, previous, next, atMs }) {
      if (kind !== 'Pod' || !previous || next) return undefined
      const pod = previous as Pod
      if (controllerRef(pod)?.kind !== 'StatefulSet' || isPodTerminal(pod)) return undefined
      const hasNoTime = pod.spec?.terminationGracePeriodSeconds === 0
      if (hasNoTime || world.isForced(uidOf(pod))) return undefined
      const node = pod.spec?.nodeName ?? ''
      // What the node had asked for just before may still have been on its way.
      const cutMs = world.cutOffForMs(node, atMs)
      if (cutMs <= world.stalenessMs) return undefined
      return `${pod.metadata.name} has gone, and ${node} has been cut off for ${cutMs} ms`
    },
  }
}
