import { expect, test } from 'vitest'
import { AddressRange } from './address-range.ts'

test.each<[string, number, [string, string]]>([
  ['10.96.0.0/16', 65_534, ['10.96.0.1', '10.96.255.254']],
  ['10.96.3.7/24', 254, ['10.96.3.1', '10.96.3.254']],
  ['192.168.255.0/30', 2, ['192.168.255.1', '192.168.255.2']],
])('%s', (cidr, size, [first, last]) => {
  const range = new AddressRange(cidr)
  expect([range.size, range.at(0), range.at(range.size - 1)]).toEqual([size, first, last])
  expect([range.has(first), range.has(last)]).toEqual([true, true])
})

test.each(['10.96.0.0', '10.97.0.1', '10.96.255.255', 'x', '10.96.0'])('has not %s', (address) => {
  expect(new AddressRange('10.96.0.0/16').has(address)).toBe(false)
})

test.each(['10.96.0.0/31', '10.96.0.0', '300.0.0.0/8', 'fd00::/64'])('refuses %s', (cidr) => {
  expect(() => new AddressRange(cidr)).toThrow(RangeError)
})
