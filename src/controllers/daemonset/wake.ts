import { semanticEqual } from '../../api/equality.ts'
import type { ControllerRevision, DaemonSet, Node, Pod } from '../../api/generated/types.ts'
import { matchesLabels } from '../../api/labels.ts'
import { controllerRef, isTerminating, type KubeObject, keyOf, keyText } from '../../api/object.ts'
import { controllerRevisions, daemonSets, nodes, pods } from '../../api/scheme.ts'
import type { Informers } from '../../client/lister.ts'
import type { Expectations } from '../../controller/expectations.ts'
import type { Controller } from '../../controller/reconciler.ts'

interface Seen {
  readonly informers: Informers
  readonly expectations: Expectations
  /** The DaemonSet is gone. */
  forget(key: string): void
}

/**
 * Enqueues the DaemonSets that a change may concern, after noting that an expected one was seen
 * (C-07).
 */
export function wakeOnChanges(controller: Controller, seen: Seen): void {
  const { informers, expectations } = seen
  const enqueue = (daemonSet: DaemonSet) => controller.enqueue(keyText(keyOf(daemonSet)))
  const { lister } = informers.for(daemonSets)
  informers.for(daemonSets).addHandler({
    added: enqueue,
    updated: enqueue,
    deleted: (daemonSet) => seen.forget(keyText(keyOf(daemonSet))),
  })
  const wakeAll = () => lister.list().forEach(enqueue)
  informers.for(nodes).addHandler({
    added: wakeAll,
    updated: (node, previous) => {
      if (isJudgedAnew(node, previous)) wakeAll()
    },
    deleted: wakeAll,
  })
  const keysOf = ownerFinder(informers)
  wakeForPods(controller, { informers, expectations, keysOf })
  wakeForRevisions(controller, { informers, keysOf })
}

/** A node's heartbeats change nothing that a DaemonSet looks at. */
function isJudgedAnew(node: Node, previous: Node): boolean {
  return (
    !semanticEqual('NodeSpec', node.spec ?? {}, previous.spec ?? {}) ||
    !semanticEqual(
      'ObjectMeta',
      { labels: node.metadata.labels },
      { labels: previous.metadata.labels },
    )
  )
}

type OwnerFinder = (dependent: KubeObject) => readonly string[]

function wakeForPods(
  controller: Controller,
  { informers, expectations, keysOf }: Omit<Seen, 'forget'> & { readonly keysOf: OwnerFinder },
): void {
  const wake = (pod: Pod) => {
    for (const key of keysOf(pod)) controller.enqueue(key)
  }
  const sawDeletion = (pod: Pod) => {
    const [key] = controllerRef(pod) ? keysOf(pod) : []
    if (key !== undefined) expectations.deleteObserved(key, keyText(keyOf(pod)))
    wake(pod)
  }
  informers.for(pods).addHandler({
    added(pod) {
      if (isTerminating(pod)) return sawDeletion(pod)
      const [key] = controllerRef(pod) ? keysOf(pod) : []
      if (key !== undefined) expectations.createObserved(key)
      wake(pod)
    },
    updated(pod, previous) {
      if (controllerRef(previous)?.uid !== controllerRef(pod)?.uid) wake(previous)
      if (isTerminating(pod)) sawDeletion(pod)
      else wake(pod)
    },
    deleted: sawDeletion,
  })
}

/** A history that others change is put right (I-28). */
function wakeForRevisions(
  controller: Controller,
  { informers, keysOf }: { readonly informers: Informers; readonly keysOf: OwnerFinder },
): void {
  const wake = (revision: ControllerRevision) => {
    for (const key of keysOf(revision)) controller.enqueue(key)
  }
  informers.for(controllerRevisions).addHandler({ added: wake, updated: wake, deleted: wake })
}

/**
 * The key of the DaemonSet that controls a dependent; for an orphan those of all that could adopt
 * it.
 */
function ownerFinder(informers: Informers): OwnerFinder {
  const { lister } = informers.for(daemonSets)
  return (dependent) => {
    const { namespace, labels } = dependent.metadata
    const owner = controllerRef(dependent)
    if (!owner) {
      const adopters = lister
        .list(namespace)
        .filter(({ spec }) => matchesLabels(spec?.selector, labels))
      return adopters.map((daemonSet) => keyText(keyOf(daemonSet)))
    }
    const key = { namespace, name: owner.name }
    const isOwner = owner.kind === 'DaemonSet' && lister.get(key)?.metadata.uid === owner.uid
    return isOwner ? [keyText(key)] : []
  }
}
