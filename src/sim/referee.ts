import type { Invariant } from './invariants/invariant.ts'
import type { Change } from './world.ts'

export interface Violation {
  readonly invariant: string
  readonly what: string
  /** The store's, after which it was so. */
  readonly revision: number
}

/** Holds every revision against every invariant; the first breach stands. */
export class Referee {
  readonly #invariants: readonly Invariant[]
  #violation: Violation | undefined
  #checks = 0

  constructor(invariants: readonly Invariant[]) {
    this.#invariants = invariants
  }

  get violation(): Violation | undefined {
    return this.#violation
  }

  get checks(): number {
    return this.#checks
  }

  judge(change: Change): void {
    if (this.#violation) return
    for (const invariant of this.#invariants) {
      this.#checks++
      const what = invariant.check(change)
      if (what !== undefined) this.accuse(invariant.name, what, change.revision)
    }
  }

  accuse(invariant: string, what: string, revision: number): void {
    this.#violation ??= { invariant, what, revision }
  }
}
