import type { Clock } from '../base/clock.ts'

const timeoutMs = 5 * 60_000

interface Expected {
  creates: number
  readonly deletes: Set<string>
  readonly expiresMs: number
}

/**
 * Writes not yet seen in the cache, per owner key (C-07): a controller takes no further creates and
 * deletes for an owner in hand until its last ones are observed, so that a stale read never makes
 * it act twice. They expire after 5 minutes, because a watch may lose what a relist then shows.
 */
export class Expectations {
  readonly #clock: Clock
  readonly #expected = new Map<string, Expected>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Before the writes are issued; replaces what was expected of this owner. `deletes` are the keys
   * of the dependents.
   */
  expect(
    ownerKey: string,
    writes: { readonly creates?: number; readonly deletes?: readonly string[] },
  ): void {
    this.#expected.set(ownerKey, {
      creates: writes.creates ?? 0,
      deletes: new Set(writes.deletes),
      expiresMs: this.#clock.monotonic() + timeoutMs,
    })
  }

  /** A creation was seen, or `count` of them failed or were never issued. */
  createObserved(ownerKey: string, count = 1): void {
    const expected = this.#expected.get(ownerKey)
    if (expected) expected.creates = Math.max(expected.creates - count, 0)
  }

  /**
   * The dependent has a deletionTimestamp or is gone, or its deletion failed. Telling it twice does
   * no harm.
   */
  deleteObserved(ownerKey: string, dependentKey: string): void {
    this.#expected.get(ownerKey)?.deletes.delete(dependentKey)
  }

  /** Its deletion was issued and has not been seen: a cache that still shows it is behind. */
  isDeleteExpected(ownerKey: string, dependentKey: string): boolean {
    return this.#expected.get(ownerKey)?.deletes.has(dependentKey) ?? false
  }

  isFulfilled(ownerKey: string): boolean {
    return this.remainingMs(ownerKey) === undefined
  }

  /**
   * Until what is still expected of this owner expires; undefined when nothing is. For
   * `requeueAfterMs`.
   */
  remainingMs(ownerKey: string): number | undefined {
    const expected = this.#expected.get(ownerKey)
    if (!expected || (expected.creates === 0 && expected.deletes.size === 0)) return undefined
    const remainingMs = expected.expiresMs - this.#clock.monotonic()
    return remainingMs > 0 ? remainingMs : undefined
  }

  /** The owner is gone. */
  forget(ownerKey: string): void {
    this.#expected.delete(ownerKey)
  }
}
