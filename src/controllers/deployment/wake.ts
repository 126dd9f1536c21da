import type { Deployment, Pod, ReplicaSet } from '../../api/generated/types.ts'
import { controllerRef, keyOf, keyText } from '../../api/object.ts'
import { isPodTerminal } from '../../api/pod-facts.ts'
import { deployments, pods, replicaSets } from '../../api/scheme.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller } from '../../controller/reconciler.ts'
import { isRecreate } from '../../rollout/sizes.ts'
import { replicaSetMatcher } from './observe.ts'

/** Enqueues the Deployments that a change may concern. */
export function wakeOnChanges(controller: Controller, informers: Informers): void {
  const enqueue = (deployment: Deployment) => controller.enqueue(keyText(keyOf(deployment)))
  informers.for(deployments).addHandler({ added: enqueue, updated: enqueue, deleted: enqueue })

  const owners = new Owners(informers)
  const wakeOwner = (replicaSet: ReplicaSet) => owners.ofReplicaSet(replicaSet).forEach(enqueue)
  const wakeForPod = (pod: Pod) => owners.recreatesOfPod(pod).forEach(enqueue)

  informers.for(replicaSets).addHandler({
    added: wakeOwner,
    updated(replicaSet, previous) {
      // One that was released or taken over: both the former and the present owner count anew.
      if (controllerRef(previous)?.uid !== controllerRef(replicaSet)?.uid) wakeOwner(previous)
      wakeOwner(replicaSet)
    },
    deleted: wakeOwner,
  })
  informers.for(pods).addHandler({
    updated(pod, previous) {
      if (isPodTerminal(pod) && !isPodTerminal(previous)) wakeForPod(pod)
    },
    deleted: wakeForPod,
  })
}

/** Finds Deployments in the cache. */
class Owners {
  readonly #informers: Informers

  constructor(informers: Informers) {
    this.#informers = informers
  }

  /** The one that controls it; for an orphan all that could adopt it. */
  ofReplicaSet(replicaSet: ReplicaSet): readonly Deployment[] {
    const { namespace } = replicaSet.metadata
    const { lister } = this.#informers.for(deployments)
    const owner = controllerRef(replicaSet)
    if (!owner) return lister.list(namespace).filter((each) => replicaSetMatcher(each)(replicaSet))
    const deployment = owner.kind === 'Deployment' && lister.get({ namespace, name: owner.name })
    return deployment && deployment.metadata.uid === owner.uid ? [deployment] : []
  }

  /** A Recreate Deployment waits until the last old pod has ended (B-49). */
  recreatesOfPod(pod: Pod): readonly Deployment[] {
    const owner = controllerRef(pod)
    if (owner?.kind !== 'ReplicaSet') return []
    const key = { namespace: pod.metadata.namespace, name: owner.name }
    const replicaSet = this.#informers.for(replicaSets).lister.get(key)
    if (replicaSet?.metadata.uid !== owner.uid || !controllerRef(replicaSet)) return []
    return this.ofReplicaSet(replicaSet).filter(isRecreate)
  }
}
