import type { Pod } from '../../api/generated/types.ts'
import type { KubeObject } from '../../api/object.ts'
import { timestamp } from '../../base/clock.ts'
import { VirtualClock } from '../../base/virtual-clock.ts'
import type { StoreEvent } from '../../store/store.ts'
import { World } from '../world.ts'
import type { Invariant, InvariantOf } from './invariant.ts'

export const stalenessMs = 10_000

export function ownedBy(kind: string, uid: string) {
  return [{ apiVersion: 'apps/v1', kind, name: uid, uid, controller: true }]
}

/** The truth, and what an invariant says of each change of it. */
export class GivenWorld {
  readonly world: World
  readonly #clock = new VirtualClock()
  readonly #invariant: Invariant
  readonly #present = new Map<string, KubeObject>()
  #revision = 0

  constructor(invariantOf: InvariantOf) {
    this.world = new World(this.#clock, stalenessMs)
    this.#invariant = invariantOf(this.world)
  }

  write(object: KubeObject, type: 'put' | 'delete' = 'put'): string | undefined {
    this.#revision += 1
    const revision = this.#revision
    const key = `${object.kind}/${object.metadata.name}`
    const former = this.#present.get(key)
    const entryOf = (each: KubeObject) => ({ key, revision, bytes: new Uint8Array(), object: each })
    const previous = former && entryOf(former)
    const event = { type, key, revision, entry: entryOf(object), previous } as unknown as StoreEvent
    if (type === 'put') this.#present.set(key, object)
    else this.#present.delete(key)
    return this.#invariant.check(this.world.apply(event))
  }

  /** A pod that runs, and has been ready or not since now; `owners`: see `ownedBy`. */
  pod(name: string, isReady: boolean, owners: ReturnType<typeof ownedBy>): Pod {
    const status = isReady ? 'True' : 'False'
    const lastTransitionTime = timestamp(this.#clock.now())
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, uid: name, ownerReferences: owners },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status, lastTransitionTime }] },
    }
  }

  pass(ms: number): void {
    this.#clock.setTimeout(() => {}, ms)
    this.#clock.step()
  }
}
