import type { EndpointSlice } from '../../api/generated/types.ts'
import { serviceNameLabel } from '../../api/names.ts'
import type { ObjectKey } from '../../api/object.ts'
import { isPodActive } from '../../api/pod-facts.ts'
import { endpointSlices, pods, replicaSets } from '../../api/scheme.ts'
import type { Informers } from '../../client/lister.ts'
import type { RolloutRecord } from './rollout-record.ts'
import { type Scaling, scalingOf } from './scaling.ts'
import { emptyTally, type Tally, tallySince } from './tally.ts'

export interface WitnessOptions {
  /** Started by the caller, after this is made. */
  readonly informers: Informers
  /** The Deployment, and its Service of the same name. */
  readonly app: Required<ObjectKey>
  readonly tally: () => Tally
}

/**
 * Watches a rollout from beside, as anybody could: through the API, and as a client of the Service.
 */
export class Witness {
  readonly #options: WitnessOptions
  #scalings: readonly Scaling[] = []
  #endpointsMin = Number.POSITIVE_INFINITY
  #podsMax = 0
  #before = emptyTally

  constructor(options: WitnessOptions) {
    this.#options = options
    const { informers } = options
    informers.for(replicaSets).addHandler({
      added: (replicaSet) => this.#note(scalingOf(replicaSet, undefined)),
      updated: (replicaSet, previous) => this.#note(scalingOf(replicaSet, previous)),
    })
    const look = () => this.#look()
    informers.for(endpointSlices).addHandler({ added: look, updated: look, deleted: look })
    informers.for(pods).addHandler({ added: look, updated: look, deleted: look })
  }

  /** Forgets what was before. */
  begin(): void {
    this.#scalings = []
    this.#endpointsMin = Number.POSITIVE_INFINITY
    this.#podsMax = 0
    this.#before = this.#options.tally()
    this.#look()
  }

  record(): RolloutRecord {
    return {
      scalings: this.#scalings,
      endpointsMin: this.#endpointsMin,
      podsMax: this.#podsMax,
      traffic: tallySince(this.#before, this.#options.tally()),
    }
  }

  #note(scaling: Scaling | undefined): void {
    if (scaling) this.#scalings = [...this.#scalings, scaling]
  }

  #look(): void {
    const { informers, app } = this.#options
    const { namespace, name } = app
    const open = openEndpoints(informers.for(endpointSlices).lister.list(namespace), name)
    const active = informers.for(pods).lister.list(namespace).filter(isPodActive)
    this.#endpointsMin = Math.min(this.#endpointsMin, open)
    this.#podsMax = Math.max(this.#podsMax, active.length)
  }
}

/** Pods to which new requests go. */
function openEndpoints(slices: readonly EndpointSlice[], service: string): number {
  const open = slices
    .filter(({ metadata }) => metadata.labels?.[serviceNameLabel] === service)
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ conditions }) => conditions?.ready && !conditions.terminating)
  return new Set(open.map(({ targetRef }) => targetRef?.uid)).size
}
