import { semanticEqual } from '../../api/equality.ts'
import type { StatefulSet, StatefulSetStatus } from '../../api/generated/types.ts'
import { isTerminating, keyOf, parseKey } from '../../api/object.ts'
import { controllerRevisions, pods, statefulSets } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informers } from '../../client/lister.ts'
import { indexByController } from '../../controller/controller-index.ts'
import { readControlled } from '../../controller/controller-refs.ts'
import { Expectations } from '../../controller/expectations.ts'
import type { Controller, ReconcileResult } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import { untilAvailableMs } from '../../rollout/next-availability.ts'
import { planStatefulSet } from '../../rollout/plan-stateful-set.ts'
import {
  currentRevisionOf,
  planUpdateRevision,
  type RevisionsInUse,
  revisionsToDelete,
} from '../../rollout/stateful-set-revisions.ts'
import { carryOut } from './apply.ts'
import { observePods, observeRevisions } from './observe.ts'
import { wakeOnChanges } from './wake.ts'
import { writeRevision } from './write-revision.ts'

export interface StatefulSetControllerOptions {
  readonly context: Context
  readonly transport: Transport
  /** Started by the caller, before the controller. */
  readonly informers: Informers
  /** Of the component `statefulset-controller` (D-1C). */
  readonly recorder: EventRecorder
}

/**
 * Gives every StatefulSet its pods, in order, and rolls them towards its template: observe, plan,
 * apply (D.2). A pass waits until the caches show the pods that the last one made and deleted
 * (C-07): what is on its way already would not be counted as unavailable.
 */
export function statefulSetController(options: StatefulSetControllerOptions): Controller {
  const { context, informers, transport } = options
  indexByController(informers.for(pods))
  indexByController(informers.for(controllerRevisions))
  const { lister } = informers.for(statefulSets)
  const expectations = new Expectations(context.clock)
  const edge = { ...options, expectations }

  const reconcile = async (key: string): Promise<ReconcileResult | undefined> => {
    const statefulSet = lister.get(parseKey(key))
    if (!statefulSet) return undefined
    const waitMs = expectations.remainingMs(key)
    if (waitMs !== undefined) return { requeueAfterMs: waitMs }
    const seen = await observeRevisions(statefulSet, options)
    const guess = planUpdateRevision(statefulSet, seen)
    const isKept = guess.type === 'keep'
    // On a history that is behind a number would be given twice (D-04).
    const history = isKept
      ? seen
      : await readControlled(transport, controllerRevisions, statefulSet)
    const claimed = await observePods(statefulSet, options)
    const next = isKept ? guess : planUpdateRevision(statefulSet, history)
    if (next.type !== 'keep' && isTerminating(statefulSet)) return undefined
    const { revision, collisionCount } = await writeRevision(statefulSet, next, transport)
    const owned = [
      ...history.filter(({ metadata }) => metadata.uid !== revision.metadata.uid),
      revision,
    ]
    const currentRevision = currentRevisionOf(statefulSet, owned, revision)
    const revisions = { currentRevision, updateRevision: revision }
    const observed = { statefulSet, pods: claimed, ...revisions, collisionCount }
    const plan = planStatefulSet(observed, context.clock.now())
    const { error } = await carryOut(plan, statefulSet, edge)
    await writeStatus(statefulSet, plan.status, transport)
    if (error !== undefined) throw error
    await truncateHistory(statefulSet, { owned, ...revisions, pods: claimed }, transport)
    const minReadySeconds = statefulSet.spec?.minReadySeconds ?? 0
    const requeueAfterMs = untilAvailableMs(claimed, minReadySeconds, context.clock.now())
    return requeueAfterMs === undefined ? {} : { requeueAfterMs }
  }

  const controller = createController(context, { name: 'statefulset', reconciler: { reconcile } })
  wakeOnChanges(controller, { informers, expectations })
  return controller
}

/**
 * Conditional on what was observed: a pass on an old one ends in a Conflict, and is tried again.
 */
async function writeStatus(
  statefulSet: StatefulSet,
  status: StatefulSetStatus,
  transport: Transport,
): Promise<void> {
  if (semanticEqual('StatefulSetStatus', statefulSet.status ?? {}, status)) return
  const object: StatefulSet = { ...statefulSet, status }
  await transport.update(statefulSets, keyOf(object), object, { subresource: 'status' })
}

async function truncateHistory(
  statefulSet: StatefulSet,
  inUse: RevisionsInUse,
  transport: Transport,
): Promise<void> {
  for (const revision of revisionsToDelete(statefulSet, inUse)) {
    const { uid, resourceVersion } = revision.metadata
    const preconditions = { uid, resourceVersion }
    await transport.delete(controllerRevisions, keyOf(revision), { preconditions })
  }
}
