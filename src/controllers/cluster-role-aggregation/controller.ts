import { aggregatedRules } from '../../api/aggregated-rules.ts'
import { semanticEqual } from '../../api/equality.ts'
import type { ClusterRole } from '../../api/generated/types.ts'
import type { JsonObject } from '../../api/json.ts'
import { apiVersionOf } from '../../api/resource.ts'
import { clusterRoles } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller, Reconciler } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'

export interface AggregationControllerOptions {
  readonly context: Context
  readonly transport: Transport
  readonly informers: Informers
}

const fieldManager = 'clusterrole-aggregation-controller'

/** A ClusterRole with an aggregationRule has the rules of all roles that it selects. */
class AggregationReconciler implements Reconciler {
  readonly #options: AggregationControllerOptions

  constructor(options: AggregationControllerOptions) {
    this.#options = options
  }

  async reconcile(name: string): Promise<void> {
    const { informers, transport } = this.#options
    const { lister } = informers.for(clusterRoles)
    const role = lister.get({ name })
    if (!role?.aggregationRule) return
    const rules = aggregatedRules(role, lister.list())
    if (semanticEqual('ClusterRole', rulesOnly(role.rules), rulesOnly(rules))) return
    const config = {
      apiVersion: apiVersionOf(clusterRoles),
      kind: clusterRoles.kind,
      metadata: { name },
      rules,
    }
    const patch = {
      type: 'application/apply-patch+yaml',
      body: config as unknown as JsonObject,
    } as const
    await transport.patch(clusterRoles, { name }, patch, { fieldManager, force: true })
  }
}

function rulesOnly(rules: ClusterRole['rules'] = []): Pick<ClusterRole, 'rules'> {
  return { rules }
}

/** Any change of a role may be one of what others gather: all that gather are looked at. */
export function clusterRoleAggregation(options: AggregationControllerOptions): Controller {
  const { context, informers } = options
  const controller = createController(context, {
    name: 'cluster-role-aggregation',
    reconciler: new AggregationReconciler(options),
  })
  const informer = informers.for(clusterRoles)
  const look = () => {
    for (const { aggregationRule, metadata } of informer.lister.list()) {
      if (aggregationRule) controller.enqueue(metadata.name ?? '')
    }
  }
  informer.addHandler({ added: look, updated: look, deleted: look })
  return controller
}
