import { semanticEqual } from '../../api/equality.ts'
import type { Endpoints } from '../../api/generated/types.ts'
import { keyOf, keyText, parseKey } from '../../api/object.ts'
import { endpoints, pods, services } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Controller } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import { type EndpointSliceControllerOptions, selectsPods } from './controller.ts'
import { planEndpoints } from './plan-endpoints.ts'
import { selectorOf, wakeOnPods } from './wake.ts'

/**
 * Nothing here reads Endpoints, and each write names every pod of the Service: changes are gathered
 * for so long, as upstream's `--endpoint-updates-batch-period` allows.
 */
const batchMs = 500

/** Keeps the Endpoints of Services that have a selector, for those who still read them (F-12). */
export function endpointsController(options: EndpointSliceControllerOptions): Controller {
  const { context, informers } = options
  const controller = createController(context, {
    name: 'endpoints',
    reconciler: { reconcile: (key) => reconcile(options, key) },
  })
  wakeOnPods((key) => controller.enqueue(key, batchMs), informers)
  const wake = (object: Endpoints) => controller.enqueue(keyText(keyOf(object)), batchMs)
  informers.for(endpoints).addHandler({ deleted: wake })
  return controller
}

async function reconcile(
  { informers, transport, recorder }: EndpointSliceControllerOptions,
  keyInText: string,
): Promise<void> {
  const key = parseKey(keyInText)
  const service = informers.for(services).lister.get(key)
  const stored = informers.for(endpoints).lister.get(key)
  if (!service) return remove(transport, stored)
  if (!selectsPods(service)) return
  const selector = selectorOf(service)
  const selected = informers
    .for(pods)
    .lister.list(key.namespace)
    .filter((pod) => selector.matches(pod.metadata.labels))
  const wanted = planEndpoints(service, selected, stored)
  if (stored && semanticEqual('Endpoints', stored, wanted)) return
  try {
    if (stored) await transport.update(endpoints, key, wanted)
    else await transport.create(endpoints, { namespace: key.namespace }, wanted)
  } catch (error) {
    if (isStatusError(error, 'Conflict')) throw error
    const [reason, what] = stored
      ? ['FailedToUpdateEndpoint', 'update']
      : ['FailedToCreateEndpoint', 'create']
    const why = error instanceof Error ? error.message : String(error)
    recorder.event(wanted, 'Warning', reason, `Failed to ${what} endpoint ${keyInText}: ${why}`)
    throw error
  }
}

/** The Endpoints of a Service that is gone, whoever wrote them, as upstream does. */
async function remove(
  transport: EndpointSliceControllerOptions['transport'],
  stored: Endpoints | undefined,
): Promise<void> {
  if (!stored) return
  try {
    const preconditions = { uid: stored.metadata.uid }
    await transport.delete(endpoints, keyOf(stored), { preconditions })
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error
  }
}
