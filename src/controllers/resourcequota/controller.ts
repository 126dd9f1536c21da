import { semanticEqual } from '../../api/equality.ts'
import type { ResourceQuota } from '../../api/generated/types.ts'
import { type KubeObject, keyOf, keyText, parseKey } from '../../api/object.ts'
import { quotaStatus } from '../../api/quota/quota-usage.ts'
import { events, resourceQuotas, scheme } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller, Reconciler } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'

export interface ResourceQuotaControllerOptions {
  readonly context: Context
  readonly transport: Transport
  /** Started by the caller, before the controller. */
  readonly informers: Informers
}

/** All that a quota can count. */
const counted = scheme.filter((resource) => resource.namespaced && resource !== events)

/** Says in each ResourceQuota what it limits and what of that is used. */
class ResourceQuotaReconciler implements Reconciler {
  readonly #options: ResourceQuotaControllerOptions

  constructor(options: ResourceQuotaControllerOptions) {
    this.#options = options
  }

  async reconcile(key: string): Promise<void> {
    const { informers, transport, context } = this.#options
    const quota = informers.for(resourceQuotas).lister.get(parseKey(key))
    if (!quota) return
    const { namespace } = quota.metadata
    const status = quotaStatus(
      quota,
      (resource) => informers.for(resource).lister.list(namespace),
      context.clock.now(),
    )
    if (semanticEqual('ResourceQuotaStatus', quota.status ?? {}, status)) return
    const object = { ...quota, status }
    await transport.update(resourceQuotas, keyOf(quota), object, { subresource: 'status' })
  }
}

export function resourceQuotaController(options: ResourceQuotaControllerOptions): Controller {
  const { context, informers } = options
  const reconciler = new ResourceQuotaReconciler(options)
  const controller = createController(context, { name: 'resourcequota', reconciler })
  const quotas = informers.for(resourceQuotas)
  const enqueue = (quota: ResourceQuota) => controller.enqueue(keyText(keyOf(quota)))
  quotas.addHandler({ added: enqueue, updated: enqueue })
  const wake = ({ metadata }: KubeObject) => {
    for (const quota of quotas.lister.list(metadata.namespace)) enqueue(quota)
  }
  for (const resource of counted) {
    informers.for(resource).addHandler({ added: wake, updated: wake, deleted: wake })
  }
  return controller
}
