import type { Transport } from '../api/transport.ts'
import type { Context } from '../base/context.ts'
import type { VirtualClock } from '../base/virtual-clock.ts'
import type { Surroundings } from '../cluster/virtual/virtual-cluster.ts'
import type { Store, StoreEvent } from '../store/store.ts'
import { FaultLog } from './faults/fault-log.ts'
import { FaultyApi } from './faults/faulty-api.ts'
import { Partitions } from './faults/partitions.ts'
import { PodWeather } from './faults/pod-weather.ts'
import type { History } from './history.ts'
import type { Profile } from './profile.ts'
import { type Change, World } from './world.ts'

export interface StageOptions {
  readonly context: Context
  readonly clock: VirtualClock
  readonly profile: Profile
  readonly history: History
}

/** Where a simulated cluster plays: what goes wrong, and who watches. */
export class Stage implements Surroundings {
  readonly profile: Profile
  readonly history: History
  readonly faults: FaultLog
  readonly weather: PodWeather
  readonly api: FaultyApi
  readonly partitions: Partitions
  readonly world: World
  readonly behaviours: Surroundings['behaviours']
  readonly probe: Surroundings['probe']
  readonly #clock: VirtualClock
  #writes = 0

  constructor({ context, clock, profile, history }: StageOptions) {
    this.#clock = clock
    this.profile = profile
    this.history = history
    this.faults = new FaultLog((text) => this.tell(`!! ${text}`))
    this.world = new World(clock, profile.stalenessMs)
    this.weather = new PodWeather(context)
    this.partitions = new Partitions(clock)
    this.behaviours = this.weather.behaviour
    this.probe = this.weather.probe
    this.api = new FaultyApi({ context, profile, log: this.faults, world: this.world })
  }

  intercept(transport: Transport, component: string, node?: string): Transport {
    const api = this.api.intercept(transport, component)
    return node === undefined ? api : this.partitions.intercept(api, node)
  }

  tell(text: string): void {
    this.history.told(text, this.#clock.now())
  }

  /** Writes but heartbeats, and what is said about objects. */
  get writes(): number {
    return this.#writes
  }

  /** Takes in what the store holds; returns who hears of what it will. */
  follow(store: Store, judge: (change: Change) => void): (events: readonly StoreEvent[]) => void {
    for (const entry of store.list('').entries) {
      const { key, revision } = entry
      this.world.apply({ type: 'put', key, revision, entry, previous: undefined })
    }
    return (events) => {
      for (const event of events) {
        this.history.written(event, this.#clock.now())
        const change = this.world.apply(event)
        if (change.kind !== 'Lease' && change.kind !== 'Event') this.#writes++
        judge(change)
      }
    }
  }
}
