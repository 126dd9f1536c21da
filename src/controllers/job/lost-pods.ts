import { controllerRef, parseKey } from '../../api/object.ts'
import { jobs, pods } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import { releasePod } from './apply.ts'
import { isTracked } from './tally.ts'
import { isFinished } from './verdict.ts'

export interface LostPodsOptions {
  readonly context: Context
  readonly transport: Transport
  readonly informers: Informers
}

/** Lets go of pods that wait to be counted by a Job which is gone, or has ended. Keys are pods'. */
export function lostPods({ context, transport, informers }: LostPodsOptions): Controller {
  const reconcile = async (key: string): Promise<void> => {
    const pod = informers.for(pods).lister.get(parseKey(key))
    if (!pod || !isTracked(pod)) return
    const { name, uid } = controllerRef(pod) ?? {}
    if (name !== undefined) {
      // Asked live: the cache may not show the Job yet.
      const job = await present(transport, { namespace: pod.metadata.namespace, name })
      if (job?.metadata.uid === uid && job && !isFinished(job)) return
    }
    await releasePod(pod, transport)
  }
  return createController(context, { name: 'job-lost-pods', reconciler: { reconcile } })
}

async function present(transport: Transport, key: { namespace: string | undefined; name: string }) {
  try {
    return await transport.get(jobs, key)
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined
    throw error
  }
}
