import type { Change, World } from '../world.ts'

/** Something that must be so at every revision of the store. */
export interface Invariant {
  /** Such as `availability`. */
  readonly name: string
  /** What is broken since this change, for people; undefined while all is well. */
  check(change: Change): string | undefined
}

export type InvariantOf = (world: World) => Invariant
