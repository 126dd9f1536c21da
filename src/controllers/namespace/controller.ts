import type { Namespace } from '../../api/generated/types.ts'
import type { JsonValue } from '../../api/json.ts'
import { namespaceFinalizer } from '../../api/names.ts'
import { isTerminating, keyOf, keyText, parseKey } from '../../api/object.ts'
import type { Resource } from '../../api/resource.ts'
import { namespaces, pods, scheme } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller, ReconcileResult, Reconciler } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import { type DeletionProgress, deletionConditions, type Remaining } from './plan.ts'

export interface NamespaceControllerOptions {
  readonly context: Context
  readonly transport: Transport
  readonly informers: Informers
}

const lookAgainMs = 500

/** Pods go first, so that nothing runs without what it refers to. */
const content: readonly Resource[] = [
  pods,
  ...scheme.filter((resource) => resource.namespaced && resource !== pods),
]

/** Empties a namespace that is being deleted, then lets it go (E-20). */
class NamespaceReconciler implements Reconciler {
  readonly #options: NamespaceControllerOptions

  constructor(options: NamespaceControllerOptions) {
    this.#options = options
  }

  async reconcile(key: string): Promise<ReconcileResult | undefined> {
    const { informers, transport } = this.#options
    const namespace = informers.for(namespaces).lister.get(parseKey(key))
    if (!namespace || !isTerminating(namespace)) return undefined
    const progress = await this.#empty(namespace.metadata.name ?? '')
    try {
      await this.#report(namespace, progress)
      if (progress.remaining.length > 0) return { requeueAfterMs: lookAgainMs }
      const finalizers = (namespace.spec?.finalizers ?? []).filter((f) => f !== namespaceFinalizer)
      const freed = {
        ...namespace,
        metadata: { name: namespace.metadata.name },
        spec: { finalizers },
      }
      await transport.update(namespaces, keyOf(namespace), freed, { subresource: 'finalize' })
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error
    }
    return undefined
  }

  async #empty(namespace: string): Promise<DeletionProgress> {
    const errors: string[] = []
    const remaining: Remaining[] = []
    for (const resource of content) {
      const left = await this.#emptyOne(resource, namespace, errors)
      if (!left) continue
      remaining.push(left)
      if (resource === pods) break
    }
    return { errors, remaining }
  }

  /** undefined when nothing of the resource is left. */
  async #emptyOne(
    resource: Resource,
    namespace: string,
    errors: string[],
  ): Promise<Remaining | undefined> {
    const { transport } = this.#options
    if ((await transport.list(resource, { namespace }, { limit: 1 })).items.length === 0) return
    try {
      await transport.deleteCollection(resource, { namespace }, { propagationPolicy: 'Background' })
    } catch (error) {
      errors.push(`${resource.plural}: ${(error as Error).message}`)
    }
    const { items } = await transport.list(resource, { namespace })
    if (items.length === 0) return
    const finalizers = new Map<string, number>()
    for (const name of items.flatMap(({ metadata }) => metadata.finalizers ?? [])) {
      finalizers.set(name, (finalizers.get(name) ?? 0) + 1)
    }
    return { resource: `${resource.plural}.${resource.group}`, count: items.length, finalizers }
  }

  async #report(namespace: Namespace, progress: DeletionProgress): Promise<void> {
    const { transport, context } = this.#options
    const conditions = deletionConditions(namespace, progress, context.clock.now())
    const body = { status: { phase: 'Terminating', conditions } } as unknown as JsonValue
    const patch = { type: 'application/merge-patch+json', body } as const
    await transport.patch(namespaces, keyOf(namespace), patch, { subresource: 'status' })
  }
}

export function namespaceController(options: NamespaceControllerOptions): Controller {
  const controller = createController(options.context, {
    name: 'namespace',
    reconciler: new NamespaceReconciler(options),
  })
  const see = (namespace: Namespace) => {
    if (isTerminating(namespace)) controller.enqueue(keyText(keyOf(namespace)))
  }
  options.informers.for(namespaces).addHandler({ added: see, updated: see })
  return controller
}
