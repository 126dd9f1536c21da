import type { Pod, ReplicaSet } from '../../api/generated/types.ts'
import { keyOf, keyText } from '../../api/object.ts'
import { pods } from '../../api/scheme.ts'
import { isNamespaceTerminating, isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Expectations } from '../../controller/expectations.ts'
import { slowStart } from '../../controller/slow-start.ts'
import type { ReplicaSetPlan } from '../../rollout/plan-replica-set.ts'
import { podFromTemplate } from './pod-from-template.ts'

interface Edge {
  readonly transport: Transport
  readonly recorder: EventRecorder
  readonly expectations: Expectations
}

export interface Outcome {
  /** Pods that this pass has deleted. */
  readonly deleted: ReadonlySet<Pod>
  /** What stopped creates or deletes; it is told in the status before it is thrown (C-0A). */
  readonly error?: unknown
}

const nothing: Outcome = { deleted: new Set() }

/** Creates or deletes pods, and expects to see them come or go (C-05..07). */
export async function carryOut(
  plan: ReplicaSetPlan,
  replicaSet: ReplicaSet,
  edge: Edge,
): Promise<Outcome> {
  switch (plan.type) {
    case 'create':
      return createPods(plan.count, replicaSet, edge)
    case 'delete':
      return deletePods(plan.pods, replicaSet, edge)
    case 'nothing':
      return nothing
  }
}

async function createPods(count: number, replicaSet: ReplicaSet, edge: Edge): Promise<Outcome> {
  const key = keyText(keyOf(replicaSet))
  edge.expectations.expect(key, { creates: count })
  const result = await slowStart(count, () => createPod(replicaSet, edge))
  edge.expectations.createObserved(key, count - result.succeeded)
  // A namespace that goes away takes the ReplicaSet with it: nothing is wrong.
  if (result.error === undefined || isNamespaceTerminating(result.error)) return nothing
  return { ...nothing, error: result.error }
}

async function createPod(replicaSet: ReplicaSet, { transport, recorder }: Edge): Promise<void> {
  const where = { namespace: replicaSet.metadata.namespace }
  try {
    const pod = await transport.create<Pod>(pods, where, podFromTemplate(replicaSet))
    const message = `Created pod: ${pod.metadata.name}`
    recorder.event(replicaSet, 'Normal', 'SuccessfulCreate', message)
  } catch (error) {
    if (!isNamespaceTerminating(error)) {
      recorder.event(replicaSet, 'Warning', 'FailedCreate', `Error creating: ${textOf(error)}`)
    }
    throw error
  }
}

async function deletePods(
  doomed: readonly Pod[],
  replicaSet: ReplicaSet,
  edge: Edge,
): Promise<Outcome> {
  const deletes = doomed.map((pod) => keyText(keyOf(pod)))
  edge.expectations.expect(keyText(keyOf(replicaSet)), { deletes })
  const results = await Promise.allSettled(doomed.map((pod) => deletePod(pod, replicaSet, edge)))
  const deleted = new Set(doomed.filter((_, i) => results[i]?.status === 'fulfilled'))
  const failed = results.find((result) => result.status === 'rejected')
  return failed ? { deleted, error: failed.reason } : { deleted }
}

/** An ordinary, graceful delete (C-0D), of this pod and no other of its name. */
async function deletePod(
  pod: Pod,
  replicaSet: ReplicaSet,
  { transport, recorder, expectations }: Edge,
): Promise<void> {
  try {
    await transport.delete(pods, keyOf(pod), { preconditions: { uid: pod.metadata.uid } })
    const message = `Deleted pod: ${pod.metadata.name}`
    recorder.event(replicaSet, 'Normal', 'SuccessfulDelete', message)
  } catch (error) {
    expectations.deleteObserved(keyText(keyOf(replicaSet)), keyText(keyOf(pod)))
    if (isStatusError(error, 'NotFound')) return
    recorder.event(replicaSet, 'Warning', 'FailedDelete', `Error deleting: ${textOf(error)}`)
    throw error
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
