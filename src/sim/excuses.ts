interface Excuse {
  readonly about: string
  readonly untilMs: number
}

/**
 * What faults and operators have done to single pods: an invariant lets pass what follows from it,
 * for a while, and nothing else.
 */
export class Excuses {
  readonly #spanMs: number
  readonly #byOwner = new Map<string, Excuse[]>()
  readonly #downUntilMs = new Map<string, number>()

  /** `spanMs`: how long decisions may stand on what was before. */
  constructor(spanMs: number) {
    this.#spanMs = spanMs
  }

  /** Something was done to one dependent of the owner with this uid; it lasts `forMs`. */
  add(
    ownerUid: string,
    about: string,
    { atMs, forMs = 0 }: { atMs: number; forMs?: number },
  ): void {
    const excuses = this.#byOwner.get(ownerUid) ?? []
    const untilMs = atMs + forMs + this.#spanMs
    this.#byOwner.set(ownerUid, [
      ...excuses.filter((each) => each.untilMs > atMs),
      { about, untilMs },
    ])
  }

  /** How many dependents of the owner are excused now. */
  count(ownerUid: string, nowMs: number): number {
    return this.of(ownerUid, nowMs).size
  }

  of(ownerUid: string, nowMs: number): ReadonlySet<string> {
    const excuses = this.#byOwner.get(ownerUid) ?? []
    return new Set(excuses.filter(({ untilMs }) => untilMs > nowMs).map(({ about }) => about))
  }

  /** A node is gone, for good as far as anybody knows. */
  nodeDown(name: string): void {
    this.#downUntilMs.set(name, Number.POSITIVE_INFINITY)
  }

  nodeUp(name: string, atMs: number, forMs: number): void {
    this.#downUntilMs.set(name, atMs + forMs + this.#spanMs)
  }

  /** Whatever happens to pods of this node now follows from its outage. */
  isNodeExcused(name: string | undefined, nowMs: number): boolean {
    return (this.#downUntilMs.get(name ?? '') ?? 0) > nowMs
  }
}
