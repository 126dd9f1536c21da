import { findCondition, setCondition } from '../../api/condition.ts'
import type { Pod, PodCondition } from '../../api/generated/types.ts'
import { isTerminating, keyOf, keyText, parseKey } from '../../api/object.ts'
import { isPodTerminal } from '../../api/pod-facts.ts'
import { pods } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import { timestamp } from '../../base/clock.ts'
import type { Context } from '../../base/context.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller, ReconcileResult } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'

export interface StaleTargetsOptions {
  readonly context: Context
  readonly transport: Transport
  readonly informers: Informers
}

const staleMs = 2 * 60_000
const untold: PodCondition = { type: 'DisruptionTarget', status: 'False' }

/** A pod that was about to be disrupted, and still lives, says so no longer. Keys are pods'. */
export function staleTargets({ context, transport, informers }: StaleTargetsOptions): Controller {
  const { clock } = context
  const reconcile = async (key: string): Promise<ReconcileResult | undefined> => {
    const pod = informers.for(pods).lister.get(parseKey(key))
    const sinceMs = pod && targetSinceMs(pod)
    if (!pod || sinceMs === undefined) return undefined
    const leftMs = sinceMs + staleMs - clock.now()
    if (leftMs > 0) return { requeueAfterMs: leftMs }
    const conditions = setCondition(pod.status?.conditions, untold, timestamp(clock.now()))
    const next: Pod = { ...pod, status: { ...pod.status, conditions } }
    await transport.update(pods, keyOf(pod), next, { subresource: 'status' })
    return undefined
  }
  const controller = createController(context, {
    name: 'disruption-stale-targets',
    reconciler: { reconcile },
  })
  const see = (pod: Pod) => {
    if (targetSinceMs(pod) !== undefined) controller.enqueue(keyText(keyOf(pod)))
  }
  informers.for(pods).addHandler({ added: see, updated: see })
  return controller
}

/** Since when a pod that lives says that it is about to go; what its node says of it stays. */
function targetSinceMs(pod: Pod): number | undefined {
  const target = findCondition(pod.status?.conditions, untold.type)
  if (target?.status !== 'True' || target.reason === 'TerminationByKubelet') return undefined
  if (isTerminating(pod) || isPodTerminal(pod)) return undefined
  return Date.parse(target.lastTransitionTime ?? '') || 0
}
