import { semanticEqual } from '../../api/equality.ts'
import type { Job, JobStatus, Pod } from '../../api/generated/types.ts'
import { jobTrackingFinalizer } from '../../api/names.ts'
import { keyOf, keyText } from '../../api/object.ts'
import { jobs, pods } from '../../api/scheme.ts'
import { isNamespaceTerminating, isStatusError } from '../../api/status-error.ts'
import type { Patch, Transport } from '../../api/transport.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Expectations } from '../../controller/expectations.ts'
import { slowStart } from '../../controller/slow-start.ts'
import type { JobPlan } from './plan-job.ts'
import type { DoomedPod } from './plan-pods.ts'
import { podOfJob } from './pod-of-job.ts'
import { isTracked } from './tally.ts'

interface Edge {
  readonly transport: Transport
  readonly recorder: EventRecorder
  readonly expectations: Expectations
}

/** Status first: a pod goes only when the status remembers it. */
export async function carryOut(job: Job, plan: JobPlan, edge: Edge): Promise<void> {
  await writeStatus(job, plan.status, edge)
  await Promise.all(plan.release.map((pod) => releasePod(pod, edge.transport)))
  if (plan.delete.length > 0) await deletePods(job, plan.delete, edge)
  else if (plan.create.length > 0) await createPods(job, plan, edge)
}

async function writeStatus(job: Job, status: JobStatus, edge: Edge): Promise<void> {
  if (semanticEqual('JobStatus', job.status ?? {}, status)) return
  const options = { subresource: 'status' } as const
  const object: Job = { ...job, status }
  await edge.transport.update(jobs, keyOf(job), object, options)
  const known = job.status?.conditions ?? []
  for (const condition of status.conditions ?? []) {
    const { type, reason = '', message = '' } = condition
    if (known.some((one) => one.type === type && one.status === condition.status)) continue
    if (type === 'Complete') reportCompletion(job, status, edge)
    if (type === 'Failed') edge.recorder.event(job, 'Warning', reason, message)
    if (type === 'Suspended') {
      const word = condition.status === 'True' ? 'Suspended' : 'Resumed'
      edge.recorder.event(job, 'Normal', word, message)
    }
  }
}

function reportCompletion(job: Job, { succeeded = 0 }: JobStatus, { recorder }: Edge): void {
  if (succeeded > (job.spec?.completions ?? Number.POSITIVE_INFINITY)) {
    const text = 'Too many succeeded pods running after completion count reached'
    recorder.event(job, 'Warning', 'TooManySucceededPods', text)
  }
  recorder.event(job, 'Normal', 'Completed', 'Job completed')
}

/** Takes the finalizer away that kept a pod to be counted. One that is gone needs nothing. */
export async function releasePod(pod: Pod, transport: Transport): Promise<void> {
  const finalizers = [jobTrackingFinalizer]
  const body = {
    metadata: { uid: pod.metadata.uid, '$deleteFromPrimitiveList/finalizers': finalizers },
  }
  const patch: Patch = { type: 'application/strategic-merge-patch+json', body: body as never }
  try {
    await transport.patch(pods, keyOf(pod), patch)
  } catch (error) {
    // Conflict: by now it is another pod of the same name.
    if (!isStatusError(error, 'NotFound') && !isStatusError(error, 'Conflict')) throw error
  }
}

async function deletePods(job: Job, doomed: readonly DoomedPod[], edge: Edge): Promise<void> {
  const { transport, recorder, expectations } = edge
  const key = keyText(keyOf(job))
  expectations.expect(key, { deletes: doomed.map(({ pod }) => keyText(keyOf(pod))) })
  const results = await Promise.allSettled(
    doomed.map(async ({ pod, isCounted }) => {
      try {
        if (!isCounted && isTracked(pod)) await releasePod(pod, transport)
        await transport.delete(pods, keyOf(pod), { preconditions: { uid: pod.metadata.uid } })
        recorder.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
      } catch (error) {
        expectations.deleteObserved(key, keyText(keyOf(pod)))
        if (isStatusError(error, 'NotFound')) return
        recorder.event(job, 'Warning', 'FailedDelete', `Error deleting: ${textOf(error)}`)
        throw error
      }
    }),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

async function createPods(job: Job, { create }: JobPlan, edge: Edge): Promise<void> {
  const { transport, recorder, expectations } = edge
  const key = keyText(keyOf(job))
  const { namespace } = job.metadata
  expectations.expect(key, { creates: create.length })
  const { succeeded, error } = await slowStart(create.length, async (at) => {
    try {
      const made = await transport.create<Pod>(pods, { namespace }, podOfJob(job, create[at] ?? {}))
      recorder.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${made.metadata.name}`)
    } catch (reason) {
      if (!isNamespaceTerminating(reason)) {
        recorder.event(job, 'Warning', 'FailedCreate', `Error creating: ${textOf(reason)}`)
      }
      throw reason
    }
  })
  expectations.createObserved(key, create.length - succeeded)
  if (error !== undefined) throw error
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
