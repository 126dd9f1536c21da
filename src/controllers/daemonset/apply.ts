import type { DaemonSet, Pod } from '../../api/generated/types.ts'
import { keyOf, keyText } from '../../api/object.ts'
import { pods } from '../../api/scheme.ts'
import { isNamespaceTerminating, isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Expectations } from '../../controller/expectations.ts'
import { slowStart } from '../../controller/slow-start.ts'
import { daemonSetPod } from '../../rollout/daemon-set-pod.ts'
import type { DaemonSetPlan } from '../../rollout/plan-daemon-set.ts'

interface Edge {
  readonly transport: Transport
  readonly recorder: EventRecorder
  readonly expectations: Expectations
}

/** Creates and deletes pods, and expects to see them come and go (C-06, C-07, D-33). */
export async function carryOut(
  { createOn, deletePods, events }: DaemonSetPlan,
  { daemonSet, hash }: { readonly daemonSet: DaemonSet; readonly hash: string },
  edge: Edge,
): Promise<{ readonly error?: unknown }> {
  for (const { type, reason, message } of events) {
    edge.recorder.event(daemonSet, type, reason, message)
  }
  if (createOn.length + deletePods.length === 0) return {}
  const key = keyText(keyOf(daemonSet))
  const deletes = deletePods.map((pod) => keyText(keyOf(pod)))
  edge.expectations.expect(key, { creates: createOn.length, deletes })
  const created = await slowStart(createOn.length, (index) =>
    createPod(daemonSet, daemonSetPod(daemonSet, createOn[index] ?? '', hash), edge),
  )
  edge.expectations.createObserved(key, createOn.length - created.succeeded)
  const deleted = await Promise.allSettled(deletePods.map((pod) => deletePod(pod, daemonSet, edge)))
  const failed = deleted.find((result) => result.status === 'rejected')
  const error = created.error ?? failed?.reason
  return error === undefined || isNamespaceTerminating(error) ? {} : { error }
}

async function createPod(
  daemonSet: DaemonSet,
  wanted: Pod,
  { transport, recorder }: Edge,
): Promise<void> {
  const where = { namespace: daemonSet.metadata.namespace }
  try {
    const pod = await transport.create<Pod>(pods, where, wanted)
    const message = `Created pod: ${pod.metadata.name}`
    recorder.event(daemonSet, 'Normal', 'SuccessfulCreate', message)
  } catch (error) {
    if (!isNamespaceTerminating(error)) {
      recorder.event(daemonSet, 'Warning', 'FailedCreate', `Error creating: ${textOf(error)}`)
    }
    throw error
  }
}

/** Graceful, and of this pod and no other of its name. */
async function deletePod(
  pod: Pod,
  daemonSet: DaemonSet,
  { transport, recorder, expectations }: Edge,
): Promise<void> {
  try {
    await transport.delete(pods, keyOf(pod), { preconditions: { uid: pod.metadata.uid } })
    const message = `Deleted pod: ${pod.metadata.name}`
    recorder.event(daemonSet, 'Normal', 'SuccessfulDelete', message)
  } catch (error) {
    expectations.deleteObserved(keyText(keyOf(daemonSet)), keyText(keyOf(pod)))
    if (isStatusError(error, 'NotFound')) return
    recorder.event(daemonSet, 'Warning', 'FailedDelete', `Error deleting: ${textOf(error)}`)
    throw error
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
