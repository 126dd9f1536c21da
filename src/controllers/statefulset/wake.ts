import type { Pod, StatefulSet } from '../../api/generated/types.ts'
import { matchesLabels } from '../../api/labels.ts'
import { controllerRef, isTerminating, keyOf, keyText } from '../../api/object.ts'
import { pods, statefulSets } from '../../api/scheme.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller } from '../../controller/reconciler.ts'
import { ordinalOf } from '../../rollout/stateful-set-pod.ts'

/** Enqueues the StatefulSets that a change may concern. */
export function wakeOnChanges(controller: Controller, informers: Informers): void {
  const enqueue = (statefulSet: StatefulSet) => controller.enqueue(keyText(keyOf(statefulSet)))
  informers.for(statefulSets).addHandler({ added: enqueue, updated: enqueue, deleted: enqueue })

  const wakeOwner = (pod: Pod) => ownersOf(pod, informers).forEach(enqueue)
  informers.for(pods).addHandler({
    added: wakeOwner,
    updated(pod, previous) {
      if (controllerRef(previous)?.uid !== controllerRef(pod)?.uid) wakeOwner(previous)
      wakeOwner(pod)
    },
    deleted: wakeOwner,
  })
}

/** The one that controls it; for an orphan all that could adopt it. */
function ownersOf(pod: Pod, informers: Informers): readonly StatefulSet[] {
  const { namespace, labels } = pod.metadata
  const { lister } = informers.for(statefulSets)
  const owner = controllerRef(pod)
  if (!owner) {
    if (isTerminating(pod)) return []
    return lister
      .list(namespace)
      .filter((each) => ordinalOf(each, pod) !== undefined)
      .filter(({ spec }) => matchesLabels(spec?.selector, labels))
  }
  const statefulSet = lister.get({ namespace, name: owner.name })
  const isOwner = owner.kind === 'StatefulSet' && statefulSet?.metadata.uid === owner.uid
  return isOwner && statefulSet ? [statefulSet] : []
}
