import type { KubeObject } from '../api/object.ts'
import { RecentValues } from './recent-values.ts'
import { uidOf, type World } from './world.ts'

/**
 * A fact about each of many objects, as it was within the time that caches may be behind: the
 * worst of that is what a decision may stand on.
 */
export class Recent<T> {
  readonly #world: World
  readonly #byUid = new Map<string, RecentValues<T>>()

  constructor(world: World) {
    this.#world = world
  }

  set(object: KubeObject, value: T): void {
    const uid = uidOf(object)
    const values = this.#byUid.get(uid) ?? new RecentValues<T>(this.#world.stalenessMs)
    this.#byUid.set(uid, values)
    values.set(this.#world.clock.monotonic(), value)
  }

  /** Empty for an object of which nothing was ever set. */
  of(object: KubeObject): readonly T[] {
    return this.#byUid.get(uidOf(object))?.within(this.#world.clock.monotonic()) ?? []
  }

  /** Whether it was this, and nothing else, all the time. */
  wasAlways(object: KubeObject, value: T): boolean {
    const values = this.of(object)
    return values.length > 0 && values.every((each) => each === value)
  }
}
