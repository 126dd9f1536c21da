import { assert } from '../../base/assert.ts'

export interface PrivateRanges {
  readonly podCidr: string
  readonly serviceCidr: string
}

const secondBytes = { from: 64, count: 190 }

interface Range {
  readonly first: number
  readonly last: number
}

/** `10.1.0.0/16`, or one address. */
function rangeOf(cidr: string): Range {
  const [address = '', bits = '32'] = cidr.split('/')
  const value = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
  const size = 2 ** (32 - Number(bits))
  const first = Math.floor(value / size) * size
  return { first, last: first + size - 1 }
}

export function overlap(one: string, other: string): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)]
  return a.first <= b.last && b.first <= a.last
}

/**
 * A 10.n.0.0/16 that the machine has no route to, one half for pods and one for Services;
 * undefined when there is none. `start` says where the search begins, so that engines of one
 * machine rarely meet.
 */
export function freePrivateRanges(
  taken: readonly string[],
  start: number,
): PrivateRanges | undefined {
  assert(Number.isInteger(start) && start >= 0, 'a place to begin')
  for (let step = 0; step < secondBytes.count; step++) {
    const byte = secondBytes.from + ((start + step) % secondBytes.count)
    if (taken.some((cidr) => overlap(cidr, `10.${byte}.0.0/16`))) continue
    return { podCidr: `10.${byte}.0.0/17`, serviceCidr: `10.${byte}.128.0/17` }
  }
  return undefined
}
