import type { Job, Pod } from '../../api/generated/types.ts'
import { compileLabelSelector } from '../../api/labels.ts'
import { isTerminating, keyOf, keyText, parseKey } from '../../api/object.ts'
import { jobs, pods } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informers } from '../../client/lister.ts'
import { claimCandidates, indexByController } from '../../controller/controller-index.ts'
import { claim } from '../../controller/controller-refs.ts'
import { Expectations } from '../../controller/expectations.ts'
import type { Controller, ReconcileResult } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import { carryOut } from './apply.ts'
import { lostPods } from './lost-pods.ts'
import { planJob } from './plan-job.ts'
import { isFinished } from './verdict.ts'
import { wakeOnChanges } from './wake.ts'

export interface JobControllerOptions {
  readonly context: Context
  readonly transport: Transport
  /** Started by the caller, before the controller. */
  readonly informers: Informers
  /** Of the component `job-controller`. */
  readonly recorder: EventRecorder
}

const ourName = 'kubernetes.io/job-controller'

/** Runs pods until as many have succeeded as each Job wants: observe, plan, apply (batch/v1). */
export function jobController(options: JobControllerOptions): Controller {
  const { context, informers, transport } = options
  indexByController(informers.for(pods))
  const { lister } = informers.for(jobs)
  const expectations = new Expectations(context.clock)
  const edge = { ...options, expectations }

  const reconcile = async (key: string): Promise<ReconcileResult | undefined> => {
    const job = lister.get(parseKey(key))
    if (!job || (job.spec?.managedBy ?? ourName) !== ourName) return undefined
    const canManage = expectations.isFulfilled(key)
    const nowMs = context.clock.now()
    const owned = await claimPods(job, edge)
    const plan = planJob({ job, pods: owned, canManage }, nowMs)
    await carryOut(job, plan, edge)
    if (isFinished(job)) return removeWhenDue(job, { transport, nowMs })
    return after(nowMs, plan.wakeAtMs, expectations.remainingMs(key))
  }

  const lost = lostPods(options)
  const controller = createController(context, { name: 'job', reconciler: { reconcile } })
  wakeOnChanges(controller, {
    informers,
    expectations,
    lost: (pod) => lost.enqueue(keyText(keyOf(pod))),
  })
  return {
    name: controller.name,
    enqueue: (key, afterMs) => controller.enqueue(key, afterMs),
    start() {
      controller.start()
      lost.start()
    },
    async stop() {
      await Promise.all([controller.stop(), lost.stop()])
    },
  }
}

/** All pods of the Job, after adopting and releasing (B-05). */
function claimPods(
  job: Job,
  { transport, informers }: JobControllerOptions,
): Promise<readonly Pod[]> {
  const { matches } = compileLabelSelector(job.spec?.selector)
  return claim<Job, Pod>({
    transport,
    controller: job,
    controllerResource: jobs,
    resource: pods,
    selector: ({ metadata }) => matches(metadata.labels),
    candidates: claimCandidates(informers.for(pods).lister, job),
  })
}

/** ttlSecondsAfterFinished: the Job goes with its pods, so long after it ended. */
async function removeWhenDue(
  job: Job,
  { transport, nowMs }: { readonly transport: Transport; readonly nowMs: number },
): Promise<ReconcileResult | undefined> {
  const { ttlSecondsAfterFinished: ttlSeconds } = job.spec ?? {}
  if (ttlSeconds === undefined || isTerminating(job)) return undefined
  const end = (job.status?.conditions ?? []).find(({ type }) =>
    ['Complete', 'Failed'].includes(type),
  )
  const dueMs = Date.parse(end?.lastTransitionTime ?? '') + ttlSeconds * 1000
  if (dueMs > nowMs) return { requeueAfterMs: dueMs - nowMs }
  try {
    const preconditions = { uid: job.metadata.uid }
    await transport.delete(jobs, keyOf(job), { propagationPolicy: 'Foreground', preconditions })
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error
  }
  return undefined
}

function after(
  nowMs: number,
  wakeAtMs: number | undefined,
  remainingMs: number | undefined,
): ReconcileResult | undefined {
  const delaysMs = [wakeAtMs === undefined ? undefined : Math.max(wakeAtMs - nowMs, 1), remainingMs]
  const known = delaysMs.filter((delayMs) => delayMs !== undefined)
  return known.length > 0 ? { requeueAfterMs: Math.min(...known) } : undefined
}
