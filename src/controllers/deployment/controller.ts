import type { Deployment } from '../../api/generated/types.ts'
import { controllerRef, type KubeObject, keyText, parseKey } from '../../api/object.ts'
import { deployments, pods, replicaSets } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informers } from '../../client/lister.ts'
import { controlledBy, indexByController } from '../../controller/controller-index.ts'
import type { Controller, ReconcileResult } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import { planDeployment } from '../../rollout/plan-deployment.ts'
import { applyDeploymentPlan } from './apply.ts'
import { observe } from './observe.ts'
import { OwnWrites } from './own-writes.ts'
import { wakeOnChanges } from './wake.ts'

export interface DeploymentControllerOptions {
  readonly context: Context
  readonly transport: Transport
  /** Started by the caller, before the controller. */
  readonly informers: Informers
  /** Of the component `deployment-controller` (B-70). */
  readonly recorder: EventRecorder
}

/** Rolls the ReplicaSets of every Deployment towards its template: observe, plan, apply (B). */
export function deploymentController(options: DeploymentControllerOptions): Controller {
  const { context, informers } = options
  indexByController(informers.for(replicaSets))
  indexByController(informers.for(pods))
  const { lister } = informers.for(deployments)
  const ownWrites = new OwnWrites(context.clock)
  informers.for(replicaSets).addHandler({
    deleted(replicaSet) {
      const { namespace, uid } = replicaSet.metadata
      const name = controllerRef(replicaSet)?.name
      if (name !== undefined) ownWrites.forget(keyText({ namespace, name }), uid)
    },
  })

  const reconcile = async (key: string): Promise<ReconcileResult | undefined> => {
    const deployment = lister.get(parseKey(key))
    if (!deployment) {
      ownWrites.forget(key)
      return undefined
    }
    const waitMs = ownWrites.remainingMs(key, cachedOf(deployment, informers))
    if (waitMs !== undefined) return { requeueAfterMs: waitMs }
    const observed = await observe(deployment, options)
    const plan = planDeployment(observed, context.clock.now())
    return applyDeploymentPlan(plan, deployment, { ...options, ownWrites })
  }

  const controller = createController(context, {
    name: 'deployment',
    reconciler: { reconcile },
    retriesMax: 15,
  })
  wakeOnChanges(controller, informers)
  return controller
}

/** What the caches hold of a Deployment and its ReplicaSets, by uid. */
function cachedOf(
  deployment: Deployment,
  informers: Informers,
): (uid: string) => KubeObject | undefined {
  const { uid = '' } = deployment.metadata
  const owned = controlledBy(informers.for(replicaSets).lister, uid)
  return (wanted) =>
    wanted === uid ? deployment : owned.find(({ metadata }) => metadata.uid === wanted)
}
