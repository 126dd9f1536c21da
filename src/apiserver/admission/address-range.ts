import { isIPv4 } from 'node:net'

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function toText(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')
}

/**
 * The addresses of an IPv4 CIDR that hosts can have: without the network's own and the broadcast
 * address.
 */
export class AddressRange {
  readonly #first: number
  /** How many addresses there are. */
  readonly size: number

  /** Throws RangeError when `cidr` is not IPv4 or has no room. */
  constructor(cidr: string) {
    const [address = '', bitsText = ''] = cidr.split('/')
    const bits = Number(bitsText)
    if (!isIPv4(address) || !/^\d+$/.test(bitsText) || bits > 30) {
      throw new RangeError(
        `${cidr} is not an IPv4 range with room for services, as 10.96.0.0/16 is`,
      )
    }
    const span = 2 ** (32 - bits)
    this.#first = Math.floor(toNumber(address) / span) * span + 1
    this.size = span - 2
  }

  at(index: number): string {
    return toText(this.#first + index)
  }

  has(address: string): boolean {
    if (!isIPv4(address)) return false
    const index = toNumber(address) - this.#first
    return index >= 0 && index < this.size
  }
}
