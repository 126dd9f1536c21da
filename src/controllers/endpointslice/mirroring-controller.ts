import { semanticEqual } from '../../api/equality.ts'
import type { EndpointSlice, Endpoints } from '../../api/generated/types.ts'
import {
  endpointSliceManagedByLabel,
  endpointSliceMirroringController as managerName,
  skipMirrorLabel,
} from '../../api/names.ts'
import { isTerminating, type KubeObject, keyOf, keyText, parseKey } from '../../api/object.ts'
import { endpointSlices, endpoints, services } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Controller } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import type { EndpointSliceControllerOptions } from './controller.ts'
import { mirrorSlices } from './plan-mirror.ts'
import { serviceKeyOf } from './wake.ts'

const byService = 'mirrored service'

/**
 * Keeps EndpointSlices that say what the Endpoints of a Service without a selector say: traffic
 * follows slices alone (V-13). One pass at a time sees what the former one wrote.
 */
export function endpointSliceMirroring(options: EndpointSliceControllerOptions): Controller {
  const { context, informers } = options
  const controller = createController(context, {
    name: 'endpointslice-mirroring',
    reconciler: { reconcile: (key) => reconcile(options, key) },
  })
  const slices = informers.for(endpointSlices)
  slices.addIndex(byService, (slice) => (isOurs(slice) ? [serviceKeyOf(slice) ?? ''] : []))
  const wake = (object: KubeObject) => controller.enqueue(keyText(keyOf(object)))
  const handler = { added: wake, updated: wake, deleted: wake }
  informers.for(endpoints).addHandler(handler)
  informers.for(services).addHandler(handler)
  const wakeOwner = (slice: EndpointSlice) => {
    if (isOurs(slice)) controller.enqueue(serviceKeyOf(slice) ?? '')
  }
  slices.addHandler({ added: wakeOwner, updated: wakeOwner, deleted: wakeOwner })
  return controller
}

async function reconcile(
  { informers, transport }: EndpointSliceControllerOptions,
  keyInText: string,
): Promise<void> {
  const key = parseKey(keyInText)
  const source = informers.for(endpoints).lister.get(key)
  const service = informers.for(services).lister.get(key)
  const isOpen = service && Object.keys(service.spec?.selector ?? {}).length === 0
  const wanted = isOpen && source && !isSkipped(source) ? mirrorSlices(source) : []
  const present = informers
    .for(endpointSlices)
    .lister.byIndex(byService, keyInText)
    .filter((slice) => !isTerminating(slice))
  const kept = wanted.map((one) => present.find((slice) => isSameSlice(one, slice)))
  const stale = present.filter((slice) => !kept.includes(slice))
  const missing = wanted.filter((_, at) => kept[at] === undefined)
  const { namespace } = key
  await Promise.all(missing.map((slice) => transport.create(endpointSlices, { namespace }, slice)))
  await Promise.all(stale.map((slice) => remove(slice, transport)))
}

async function remove(
  slice: EndpointSlice,
  transport: EndpointSliceControllerOptions['transport'],
): Promise<void> {
  try {
    await transport.delete(endpointSlices, keyOf(slice), {
      preconditions: { uid: slice.metadata.uid },
    })
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error
  }
}

function isOurs({ metadata }: EndpointSlice): boolean {
  return metadata.labels?.[endpointSliceManagedByLabel] === managerName
}

function isSkipped({ metadata }: Endpoints): boolean {
  return isTerminating({ metadata }) || metadata.labels?.[skipMirrorLabel] === 'true'
}

/** Equal in all that is mirrored; names are the server's. */
function isSameSlice(a: EndpointSlice, b: EndpointSlice): boolean {
  const content = ({ metadata, ...rest }: EndpointSlice): EndpointSlice => ({
    ...rest,
    metadata: {
      labels: metadata.labels,
      annotations: metadata.annotations,
      ownerReferences: metadata.ownerReferences,
    },
  })
  return semanticEqual('EndpointSlice', content(a), content(b))
}
