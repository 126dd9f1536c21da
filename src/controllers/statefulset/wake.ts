import type { Pod, StatefulSet } from '../../api/generated/types.ts'
import { matchesLabels } from '../../api/labels.ts'
import { controllerRef, isTerminating, keyOf, keyText } from '../../api/object.ts'
import { pods, statefulSets } from '../../api/scheme.ts'
import type { Informers } from '../../client/lister.ts'
import type { Expectations } from '../../controller/expectations.ts'
import type { Controller } from '../../controller/reconciler.ts'
import { ordinalOf } from '../../rollout/stateful-set-pod.ts'

interface Seen {
  readonly informers: Informers
  readonly expectations: Expectations
}

/**
 * Enqueues the StatefulSets that a change may concern, after noting that an expected one was seen
 * (C-07).
 */
export function wakeOnChanges(controller: Controller, { informers, expectations }: Seen): void {
  const enqueue = (statefulSet: StatefulSet) => controller.enqueue(keyText(keyOf(statefulSet)))
  informers.for(statefulSets).addHandler({
    added: enqueue,
    updated: enqueue,
    deleted: (statefulSet) => expectations.forget(keyText(keyOf(statefulSet))),
  })

  const wakeOwner = (pod: Pod) => ownersOf(pod, informers).forEach(enqueue)
  const sawDeletion = (pod: Pod) => {
    const [owner] = controllerRef(pod) ? ownersOf(pod, informers) : []
    if (owner) expectations.deleteObserved(keyText(keyOf(owner)), keyText(keyOf(pod)))
    wakeOwner(pod)
  }
  informers.for(pods).addHandler({
    added(pod) {
      if (isTerminating(pod)) return sawDeletion(pod)
      const [owner] = controllerRef(pod) ? ownersOf(pod, informers) : []
      if (owner) expectations.createObserved(keyText(keyOf(owner)))
      wakeOwner(pod)
    },
    updated(pod, previous) {
      if (controllerRef(previous)?.uid !== controllerRef(pod)?.uid) wakeOwner(previous)
      if (isTerminating(pod)) sawDeletion(pod)
      else wakeOwner(pod)
    },
    deleted: sawDeletion,
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
