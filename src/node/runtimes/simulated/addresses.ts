import { assert } from '../../../base/assert.ts'

/** Pod addresses below a prefix of one to three octets (`10.244.3`), given out in turn. */
export class Addresses {
  readonly #prefix: string
  readonly #capacity: number
  readonly #taken = new Set<number>()
  #last = 0

  constructor(prefix: string) {
    this.#prefix = prefix
    this.#capacity = 256 ** this.#freeOctets() - 2
  }

  take(): string {
    assert(this.#taken.size < this.#capacity, `no address is left below ${this.#prefix}`)
    do this.#last = (this.#last % this.#capacity) + 1
    while (this.#taken.has(this.#last))
    this.#taken.add(this.#last)
    return this.#address(this.#last)
  }

  /** A freed address comes again only when all others have had their turn. */
  free(address: string): void {
    const octets = address.split('.').slice(-this.#freeOctets())
    this.#taken.delete(octets.reduce((number, octet) => number * 256 + Number(octet), 0))
  }

  #address(number: number): string {
    const octets = Array.from({ length: this.#freeOctets() }, (_, index) =>
      Math.floor((number / 256 ** index) % 256),
    )
    return [this.#prefix, ...octets.reverse()].join('.')
  }

  #freeOctets(): number {
    return 4 - this.#prefix.split('.').length
  }
}
