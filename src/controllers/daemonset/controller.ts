import { semanticEqual } from '../../api/equality.ts'
import type { DaemonSet, DaemonSetStatus, Pod } from '../../api/generated/types.ts'
import { isTerminating, keyOf, parseKey } from '../../api/object.ts'
import { controllerRevisions, daemonSets, nodes, pods } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informers } from '../../client/lister.ts'
import { indexByController } from '../../controller/controller-index.ts'
import { readControlled } from '../../controller/controller-refs.ts'
import { Expectations } from '../../controller/expectations.ts'
import type { Controller, ReconcileResult } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import {
  type DaemonSetHistory,
  daemonRevisionsToDelete,
  daemonSetHistory,
  hashOf,
} from '../../rollout/daemon-set-history.ts'
import { daemonSetStatus } from '../../rollout/daemon-set-status.ts'
import { untilAvailableMs } from '../../rollout/next-availability.ts'
import { planDaemonSet } from '../../rollout/plan-daemon-set.ts'
import { carryOut } from './apply.ts'
import { FailedPodBackoff } from './failed-pod-backoff.ts'
import { observePods, observeRevisions } from './observe.ts'
import { wakeOnChanges } from './wake.ts'
import { deleteRevision, writeHistory } from './write-history.ts'

export interface DaemonSetControllerOptions {
  readonly context: Context
  readonly transport: Transport
  /** Started by the caller, before the controller. */
  readonly informers: Informers
  /** Of the component `daemonset-controller`. */
  readonly recorder: EventRecorder
}

/**
 * Keeps one pod of every DaemonSet on each node that should have it: observe, plan, apply (D.3).
 */
export function daemonSetController(options: DaemonSetControllerOptions): Controller {
  const { context, informers } = options
  indexByController(informers.for(pods))
  indexByController(informers.for(controllerRevisions))
  informers.for(nodes)
  const { lister } = informers.for(daemonSets)
  const expectations = new Expectations(context.clock)
  const backoff = new FailedPodBackoff(context.clock)
  const pass = new Pass({ ...options, expectations, backoff })

  const reconcile = async (key: string): Promise<ReconcileResult | undefined> => {
    const daemonSet = lister.get(parseKey(key))
    // What it owned may be orphaned or gone by now: of one that goes nothing certain can be told.
    if (!daemonSet || isTerminating(daemonSet)) return undefined
    return pass.run(key, daemonSet)
  }

  const controller = createController(context, { name: 'daemonset', reconciler: { reconcile } })
  const forget = (key: string) => {
    expectations.forget(key)
    backoff.forget(key)
  }
  wakeOnChanges(controller, { informers, expectations, forget })
  return controller
}

interface Parts extends DaemonSetControllerOptions {
  readonly expectations: Expectations
  readonly backoff: FailedPodBackoff
}

class Pass {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async run(key: string, daemonSet: DaemonSet): Promise<ReconcileResult> {
    const { context, transport, informers, expectations, backoff } = this.#parts
    // Asked before the pods are read: what is seen in between must not be taken for what was read.
    const canManage = expectations.isFulfilled(key)
    const found = await observePods(daemonSet, this.#parts)
    const seen = daemonSetHistory(daemonSet, await observeRevisions(daemonSet, this.#parts))
    const isKept = seen.current !== undefined && !seen.isCurrentChanged
    // On a history that is behind a number would be given twice (D-04).
    const history = isKept
      ? seen
      : daemonSetHistory(daemonSet, await readControlled(transport, controllerRevisions, daemonSet))
    const written = await writeHistory(history, { daemonSet, pods: found }, transport)
    const { current, pods: claimed } = written
    const hash = hashOf(current)
    const observed = {
      daemonSet,
      nodes: informers.for(nodes).lister.list(),
      pods: claimed,
      hash,
      backoffMs: backoff.remaining(key),
      canManage,
    }
    const nowMs = context.clock.now()
    const plan = planDaemonSet(observed, nowMs)
    for (const node of plan.failedOn) backoff.failed(key, node)
    const { error } = await carryOut(plan, { daemonSet, hash }, this.#parts)
    await writeStatus(daemonSet, daemonSetStatus(observed, nowMs), transport)
    if (error !== undefined) throw error
    // Pods that were created a moment ago may not be seen yet, and run what looks unused (D-39).
    if (canManage) await this.#cleanUp(daemonSet, history, claimed)
    const minReadySeconds = daemonSet.spec?.minReadySeconds ?? 0
    return earliest(
      plan.requeueAfterMs,
      untilAvailableMs(claimed, minReadySeconds, nowMs),
      expectations.remainingMs(key),
    )
  }

  /** What is deleted already, and seen still, must not cost another revision its place (D-39). */
  async #cleanUp(
    daemonSet: DaemonSet,
    { old }: DaemonSetHistory,
    pods: readonly Pod[],
  ): Promise<void> {
    const { transport } = this.#parts
    if (daemonRevisionsToDelete(daemonSet, old, pods).length === 0) return
    const read = await readControlled(transport, controllerRevisions, daemonSet)
    const present = daemonSetHistory(daemonSet, read)
    for (const revision of daemonRevisionsToDelete(daemonSet, present.old, pods)) {
      await deleteRevision(revision, transport)
    }
  }
}

/**
 * Conditional on what was observed: a pass on an old one ends in a Conflict, and is tried again.
 */
async function writeStatus(
  daemonSet: DaemonSet,
  status: DaemonSetStatus,
  transport: Transport,
): Promise<void> {
  if (semanticEqual('DaemonSetStatus', daemonSet.status ?? {}, status)) return
  const object: DaemonSet = { ...daemonSet, status }
  await transport.update(daemonSets, keyOf(object), object, { subresource: 'status' })
}

function earliest(...delaysMs: readonly (number | undefined)[]): ReconcileResult {
  const requeueAfterMs = Math.min(...delaysMs.filter((delayMs) => delayMs !== undefined))
  return requeueAfterMs === Number.POSITIVE_INFINITY ? {} : { requeueAfterMs }
}
