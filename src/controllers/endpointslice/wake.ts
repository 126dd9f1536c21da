import type { EndpointSlice, Pod, Service } from '../../api/generated/types.ts'
import { compileLabelMap } from '../../api/labels.ts'
import { portsAnnotation, serviceNameLabel } from '../../api/names.ts'
import { isTerminating, keyOf, keyText } from '../../api/object.ts'
import { isPodReady } from '../../api/pod-facts.ts'
import { endpointSlices, pods, services } from '../../api/scheme.ts'
import { oncePerFrozen } from '../../base/memo.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller } from '../../controller/reconciler.ts'
import { hasEndpoint } from './endpoint.ts'

export const selectorOf = oncePerFrozen(({ spec }: Service) => compileLabelMap(spec?.selector))

/** The key of the Service that a slice is of; undefined for one that names none. */
export function serviceKeyOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.[serviceNameLabel]
  return name && keyText({ namespace: metadata.namespace, name })
}

/** Wakes the controller for each Service that a change may concern, at once. */
export function wakeOnChanges(controller: Controller, informers: Informers): void {
  wakeOnPods((key) => controller.enqueue(key), informers)
  const wakeOwner = (slice: EndpointSlice) => {
    const key = serviceKeyOf(slice)
    if (key !== undefined) controller.enqueue(key)
  }
  informers.for(endpointSlices).addHandler({ updated: wakeOwner, deleted: wakeOwner })
}

/** Calls `enqueue` for each Service that changes, or whose endpoints may. */
export function wakeOnPods(enqueue: (key: string) => void, informers: Informers): void {
  const serviceInformer = informers.for(services)
  const wakeService = (service: Service) => enqueue(keyText(keyOf(service)))
  serviceInformer.addHandler({
    added: wakeService,
    updated: wakeService,
    deleted: wakeService,
  })
  const wakeSelecting = (...states: readonly Pod[]) => {
    for (const service of serviceInformer.lister.list(states[0]?.metadata.namespace)) {
      const selector = selectorOf(service)
      if (states.some((pod) => selector.matches(pod.metadata.labels))) wakeService(service)
    }
  }
  informers.for(pods).addHandler({
    added: (pod) => wakeSelecting(pod),
    updated: (pod, previous) => {
      if (concernsEndpoints(pod, previous)) wakeSelecting(pod, previous)
    },
    deleted: (pod) => wakeSelecting(pod),
  })
}

/** Most changes of a pod's status are nothing to its endpoints. */
function concernsEndpoints(pod: Pod, previous: Pod): boolean {
  return (
    isTerminating(pod) !== isTerminating(previous) ||
    isPodReady(pod) !== isPodReady(previous) ||
    hasEndpoint(pod) !== hasEndpoint(previous) ||
    pod.status?.podIP !== previous.status?.podIP ||
    pod.spec?.nodeName !== previous.spec?.nodeName ||
    pod.metadata.labels !== previous.metadata.labels ||
    portMapTextOf(pod) !== portMapTextOf(previous)
  )
}

function portMapTextOf(pod: Pod): string | undefined {
  return pod.metadata.annotations?.[portsAnnotation]
}
