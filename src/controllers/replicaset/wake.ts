import type { Pod, ReplicaSet } from '../../api/generated/types.ts'
import { matchesLabels } from '../../api/labels.ts'
import { controllerRef, isTerminating, keyOf, keyText } from '../../api/object.ts'
import { pods, replicaSets } from '../../api/scheme.ts'
import type { Informers } from '../../client/lister.ts'
import type { Expectations } from '../../controller/expectations.ts'
import type { Controller } from '../../controller/reconciler.ts'

interface Seen {
  readonly informers: Informers
  readonly expectations: Expectations
}

/**
 * Enqueues the ReplicaSets that a change may concern, after noting that an expected one was seen
 * (C-07).
 */
export function wakeOnChanges(controller: Controller, { informers, expectations }: Seen): void {
  const keyOfOwner = ownerFinder(informers)
  const wake = (pod: Pod) => {
    for (const key of keyOfOwner(pod)) controller.enqueue(key)
  }
  const sawDeletion = (pod: Pod) => {
    const [key] = controllerRef(pod) ? keyOfOwner(pod) : []
    if (key !== undefined) expectations.deleteObserved(key, keyText(keyOf(pod)))
    wake(pod)
  }
  informers.for(pods).addHandler({
    added(pod) {
      if (isTerminating(pod)) return sawDeletion(pod)
      const [key] = controllerRef(pod) ? keyOfOwner(pod) : []
      if (key !== undefined) expectations.createObserved(key)
      wake(pod)
    },
    updated(pod, previous) {
      // Released, taken over, or no longer matching: the former owner has one pod less.
      if (controllerRef(previous)?.uid !== controllerRef(pod)?.uid) wake(previous)
      if (isTerminating(pod)) sawDeletion(pod)
      else wake(pod)
    },
    deleted: sawDeletion,
  })

  const enqueue = (replicaSet: ReplicaSet) => controller.enqueue(keyText(keyOf(replicaSet)))
  informers.for(replicaSets).addHandler({
    added: enqueue,
    updated: enqueue,
    deleted: (replicaSet) => expectations.forget(keyText(keyOf(replicaSet))),
  })
}

/**
 * The key of the ReplicaSet that controls a pod; for an orphan those of all that could adopt it.
 */
function ownerFinder(informers: Informers): (pod: Pod) => readonly string[] {
  const { lister } = informers.for(replicaSets)
  return (pod) => {
    const { namespace, labels } = pod.metadata
    const owner = controllerRef(pod)
    if (!owner) {
      const adopters = lister
        .list(namespace)
        .filter(({ spec }) => matchesLabels(spec?.selector, labels))
      return adopters.map((replicaSet) => keyText(keyOf(replicaSet)))
    }
    const key = { namespace, name: owner.name }
    const isOwner = owner.kind === 'ReplicaSet' && lister.get(key)?.metadata.uid === owner.uid
    return isOwner ? [keyText(key)] : []
  }
}
