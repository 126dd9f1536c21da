import type { Job, Pod } from '../../api/generated/types.ts'
import { matchesLabels } from '../../api/labels.ts'
import { controllerRef, isTerminating, keyOf, keyText } from '../../api/object.ts'
import { jobs, pods } from '../../api/scheme.ts'
import type { Informers } from '../../client/lister.ts'
import type { Expectations } from '../../controller/expectations.ts'
import type { Controller } from '../../controller/reconciler.ts'
import { isTracked } from './tally.ts'
import { isFinished } from './verdict.ts'

interface Seen {
  readonly informers: Informers
  readonly expectations: Expectations
  /** A pod is kept to be counted by a Job that counts no more. */
  lost(pod: Pod): void
}

/**
 * Enqueues the Jobs that a change may concern, after noting that an expected one was seen (C-07).
 */
export function wakeOnChanges(controller: Controller, seen: Seen): void {
  const { informers, expectations } = seen
  const enqueue = (job: Job) => controller.enqueue(keyText(keyOf(job)))
  const wake = (pod: Pod) => {
    const owners = ownersOf(pod, informers)
    owners.forEach(enqueue)
    const isCounted = owners.some((job) => !isFinished(job))
    if (isTracked(pod) && !isCounted) seen.lost(pod)
  }
  const sawDeletion = (pod: Pod) => {
    const [owner] = controllerRef(pod) ? ownersOf(pod, informers) : []
    if (owner) expectations.deleteObserved(keyText(keyOf(owner)), keyText(keyOf(pod)))
    wake(pod)
  }
  informers.for(pods).addHandler({
    added(pod) {
      if (isTerminating(pod)) return sawDeletion(pod)
      const [owner] = controllerRef(pod) ? ownersOf(pod, informers) : []
      if (owner) expectations.createObserved(keyText(keyOf(owner)))
      wake(pod)
    },
    updated(pod, previous) {
      if (controllerRef(previous)?.uid !== controllerRef(pod)?.uid) wake(previous)
      if (isTerminating(pod)) sawDeletion(pod)
      else wake(pod)
    },
    deleted: sawDeletion,
  })
  informers.for(jobs).addHandler({
    added: enqueue,
    updated: enqueue,
    deleted(job) {
      expectations.forget(keyText(keyOf(job)))
      for (const pod of informers.for(pods).lister.list(job.metadata.namespace)) {
        if (isTracked(pod) && controllerRef(pod)?.uid === job.metadata.uid) seen.lost(pod)
      }
    },
  })
}

/** The Job that controls a pod; for an orphan all that could adopt it. */
function ownersOf(pod: Pod, informers: Informers): readonly Job[] {
  const { namespace, labels } = pod.metadata
  const { lister } = informers.for(jobs)
  const owner = controllerRef(pod)
  if (!owner) {
    return lister.list(namespace).filter(({ spec }) => matchesLabels(spec?.selector, labels))
  }
  const job = lister.get({ namespace, name: owner.name })
  const isOwner = owner.kind === 'Job' && job?.metadata.uid === owner.uid
  return isOwner && job ? [job] : []
}
