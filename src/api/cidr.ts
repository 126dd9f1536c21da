import { BlockList, isIP } from 'node:net'

interface Cidr {
  readonly address: string
  readonly bits: number
  readonly family: 'ipv4' | 'ipv6'
}

function parseCidr(text: string): Cidr | undefined {
  const [address = '', bitsText = '', ...rest] = text.split('/')
  const version = address.includes('%') ? 0 : isIP(address)
  if (version === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bitsText)) return undefined
  const bits = Number(bitsText)
  if (bits > (version === 4 ? 32 : 128)) return undefined
  return { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' }
}

/** What is wrong with a range of addresses, in upstream's words. */
export function cidrErrors(text: string): readonly string[] {
  if (parseCidr(text)) return []
  return ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']
}

/** Whether one range lies in another and is smaller; false for what is no range. */
export function isCidrWithin(text: string, outer: string): boolean {
  const [small, large] = [parseCidr(text), parseCidr(outer)]
  if (!small || !large || small.family !== large.family || small.bits <= large.bits) return false
  const list = new BlockList()
  list.addSubnet(large.address, large.bits, large.family)
  return list.check(small.address, small.family)
}
