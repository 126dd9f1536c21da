import { parseKey } from '../../api/object.ts'
import { pods, replicaSets } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informers } from '../../client/lister.ts'
import { indexByController } from '../../controller/controller-index.ts'
import { Expectations } from '../../controller/expectations.ts'
import type { Controller, ReconcileResult } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import { planReplicaSet } from '../../rollout/plan-replica-set.ts'
import { nextAvailabilityMs, replicaSetStatus } from '../../rollout/replica-set-status.ts'
import { carryOut } from './apply.ts'
import { observe } from './observe.ts'
import { wakeOnChanges } from './wake.ts'
import { writeStatus } from './write-status.ts'

export interface ReplicaSetControllerOptions {
  readonly context: Context
  readonly transport: Transport
  /** Started by the caller, before the controller. */
  readonly informers: Informers
  /** Of the component `replicaset-controller` (C-0B). */
  readonly recorder: EventRecorder
}

/** Keeps as many active pods as each ReplicaSet wants: observe, plan, apply (C). */
export function replicaSetController(options: ReplicaSetControllerOptions): Controller {
  const { context, informers } = options
  indexByController(informers.for(replicaSets))
  indexByController(informers.for(pods))
  const { lister } = informers.for(replicaSets)
  const expectations = new Expectations(context.clock)
  const edge = { ...options, expectations }

  const reconcile = async (key: string): Promise<ReconcileResult | undefined> => {
    const replicaSet = lister.get(parseKey(key))
    if (!replicaSet) return undefined
    const observed = await observe(replicaSet, edge)
    const nowMs = context.clock.now()
    const plan = planReplicaSet(observed, nowMs)
    const { deleted, error } = await carryOut(plan, replicaSet, edge)
    // Without those that are going: the Deployment drains others by what is left (B-36).
    const left = {
      ...observed,
      activePods: observed.activePods.filter((pod) => !deleted.has(pod)),
    }
    const failure = error === undefined ? undefined : textOf(error)
    await writeStatus(replicaSet, replicaSetStatus(left, nowMs, failure), edge)
    if (error !== undefined) throw error
    return earliest(nextAvailabilityMs(observed, nowMs), expectations.remainingMs(key))
  }

  const controller = createController(context, { name: 'replicaset', reconciler: { reconcile } })
  wakeOnChanges(controller, { informers, expectations })
  return controller
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function earliest(...delaysMs: readonly (number | undefined)[]): ReconcileResult {
  const requeueAfterMs = Math.min(...delaysMs.filter((delayMs) => delayMs !== undefined))
  return requeueAfterMs === Number.POSITIVE_INFINITY ? {} : { requeueAfterMs }
}
