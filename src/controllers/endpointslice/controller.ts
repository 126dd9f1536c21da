import type { EndpointSlice, Service } from '../../api/generated/types.ts'
import {
  endpointSliceManagedByLabel,
  endpointSliceController as managerName,
  zoneLabel,
} from '../../api/names.ts'
import { isTerminating, keyOf, keyText, parseKey } from '../../api/object.ts'
import { endpointSlices, nodes, pods, services } from '../../api/scheme.ts'
import { isStatusError } from '../../api/status-error.ts'
import type { Transport } from '../../api/transport.ts'
import type { Context } from '../../base/context.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { Informers } from '../../client/lister.ts'
import type { Controller, Reconciler } from '../../controller/reconciler.ts'
import { createController } from '../../controller/run-controller.ts'
import { type Observed, planSlices, type SlicePlan } from './plan.ts'
import { SliceWrites } from './slice-writes.ts'
import { selectorOf, serviceKeyOf, wakeOnChanges } from './wake.ts'

export interface EndpointSliceControllerOptions {
  readonly context: Context
  readonly transport: Transport
  /** Started by the caller, before the controller. */
  readonly informers: Informers
  /** Of the component `endpoint-slice-controller`. */
  readonly recorder: EventRecorder
}

const byService = 'service'

/**
 * Keeps the EndpointSlices of Services that have a selector (F-11). Never waits to gather changes:
 * the end of a pod waits for its endpoint to say `terminating`.
 */
export function endpointSliceController(options: EndpointSliceControllerOptions): Controller {
  const { context, informers } = options
  const reconciler = new EndpointSliceReconciler(options)
  const controller = createController(context, {
    name: 'endpointslice',
    reconciler,
    retriesMax: 15,
  })
  wakeOnChanges(controller, informers)
  return controller
}

class EndpointSliceReconciler implements Reconciler {
  readonly #options: EndpointSliceControllerOptions
  readonly #writes = new SliceWrites()

  constructor(options: EndpointSliceControllerOptions) {
    this.#options = options
    options.informers.for(nodes)
    const slices = options.informers.for(endpointSlices)
    slices.addIndex(byService, (slice) => (isOurs(slice) ? [serviceKeyOf(slice) ?? ''] : []))
    slices.addHandler({
      deleted: (slice) => this.#writes.forgetSlice(serviceKeyOf(slice) ?? '', slice),
    })
  }

  /** A Service that is gone takes its slices with it: they are its dependents (E). */
  async reconcile(key: string): Promise<void> {
    const { informers } = this.#options
    const service = informers.for(services).lister.get(parseKey(key))
    if (!service || !selectsPods(service)) {
      this.#writes.forget(key)
      return
    }
    try {
      await this.#apply(key, planSlices(this.#observe(key, service)))
    } catch (error) {
      if (!isStatusError(error, 'Conflict')) this.#report(service, error)
      throw error
    }
  }

  #report(service: Service, error: unknown): void {
    const key = keyText(keyOf(service))
    const why = error instanceof Error ? error.message : String(error)
    const message = `Error updating Endpoint Slices for Service ${key}: ${why}`
    this.#options.recorder.event(service, 'Warning', 'FailedToUpdateEndpointSlices', message)
  }

  #observe(key: string, service: Service): Observed {
    const { informers } = this.#options
    const selector = selectorOf(service)
    const cached = informers.for(endpointSlices).lister.byIndex(byService, key)
    return {
      service,
      pods: informers
        .for(pods)
        .lister.list(service.metadata.namespace)
        .filter((pod) => selector.matches(pod.metadata.labels)),
      slices: this.#writes.latest(key, cached).filter((slice) => !isTerminating(slice)),
      zoneOf: (name) => informers.for(nodes).lister.get({ name })?.metadata.labels?.[zoneLabel],
    }
  }

  /** Deletions last: an endpoint that moves to another slice is never in none. */
  async #apply(key: string, plan: SlicePlan): Promise<void> {
    await Promise.all([
      ...plan.create.map((slice) => this.#create(key, slice)),
      ...plan.update.map((slice) => this.#update(key, slice)),
    ])
    await Promise.all(plan.delete.map((slice) => this.#delete(key, slice)))
  }

  async #create(key: string, slice: EndpointSlice): Promise<void> {
    const { namespace } = slice.metadata
    const created = await this.#options.transport.create(endpointSlices, { namespace }, slice)
    this.#writes.wrote(key, created as EndpointSlice)
  }

  async #update(key: string, slice: EndpointSlice): Promise<void> {
    try {
      const updated = await this.#options.transport.update(endpointSlices, keyOf(slice), slice)
      this.#writes.wrote(key, updated)
    } catch (error) {
      this.#writes.forgetSlice(key, slice)
      throw error
    }
  }

  async #delete(key: string, slice: EndpointSlice): Promise<void> {
    const preconditions = { uid: slice.metadata.uid }
    try {
      await this.#options.transport.delete(endpointSlices, keyOf(slice), { preconditions })
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error
    }
    this.#writes.deleted(key, slice)
  }
}

function isOurs({ metadata }: EndpointSlice): boolean {
  return metadata.labels?.[endpointSliceManagedByLabel] === managerName
}

/** Whether its endpoints follow pods; those of all others are somebody else's. */
export function selectsPods({ metadata, spec }: Service): boolean {
  const hasSelector = Object.keys(spec?.selector ?? {}).length > 0
  return hasSelector && spec?.type !== 'ExternalName' && metadata.deletionTimestamp === undefined
}
