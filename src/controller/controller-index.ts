import { controllerRef, type KubeObject } from '../api/object.ts'
import type { Informer, Lister } from '../client/lister.ts'

const name = 'controller'

function orphansOf(namespace: string | undefined): string {
  return `orphans of ${namespace ?? ''}`
}

/**
 * Lets the functions below find dependents without a walk over all. Idempotent; before the
 * informers start.
 */
export function indexByController<T extends KubeObject>(informer: Informer<T>): void {
  informer.addIndex(name, byControllerUid)
}

function byControllerUid(object: KubeObject): readonly string[] {
  return [controllerRef(object)?.uid ?? orphansOf(object.metadata.namespace)]
}

/** Everything whose controllerRef names this uid. */
export function controlledBy<T extends KubeObject>(lister: Lister<T>, uid: string): readonly T[] {
  return lister.byIndex(name, uid)
}

/** What a controller can have a claim to: what it controls, and the orphans of its namespace. */
export function claimCandidates<T extends KubeObject>(
  lister: Lister<T>,
  controller: KubeObject,
): readonly T[] {
  const { uid = '', namespace } = controller.metadata
  return [...controlledBy(lister, uid), ...lister.byIndex(name, orphansOf(namespace))]
}
