/** More clients than this are not remembered; those that have asked least recently go first. */
const clientsMax = 10_000

interface Bond<T> {
  readonly endpoint: T
  lastMs: number
}

/**
 * sessionAffinity ClientIP: which endpoint each client stays with, for as long as it comes back.
 */
export class Affinity<T> {
  timeoutMs: number
  readonly #bonds = new Map<string, Bond<T>>()

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs
  }

  /** The client's endpoint, if it has asked within the time-out; asking renews it. */
  endpointOf(client: string, nowMs: number): T | undefined {
    const bond = this.#bonds.get(client)
    if (!bond) return undefined
    this.#bonds.delete(client)
    if (nowMs - bond.lastMs >= this.timeoutMs) return undefined
    bond.lastMs = nowMs
    this.#bonds.set(client, bond)
    return bond.endpoint
  }

  bind(client: string, endpoint: T, nowMs: number): void {
    this.#bonds.delete(client)
    this.#bonds.set(client, { endpoint, lastMs: nowMs })
    const [oldest] = this.#bonds.keys()
    if (this.#bonds.size > clientsMax && oldest !== undefined) this.#bonds.delete(oldest)
  }

  /** All bonds, those asked for least recently first. */
  *bonds(): Iterable<{ readonly client: string; readonly endpoint: T; readonly lastMs: number }> {
    for (const [client, { endpoint, lastMs }] of this.#bonds) yield { client, endpoint, lastMs }
  }
}
