import { expect, test } from 'vitest'
import { freePrivateRanges, overlap } from './private-range.ts'

test('ranges overlap when one has an address of the other', () => {
  expect(overlap('10.1.0.0/16', '10.1.200.0/24')).toBe(true)
  expect(overlap('10.1.200.7', '10.1.0.0/16')).toBe(true)
  expect(overlap('10.1.0.0/16', '10.2.0.0/16')).toBe(false)
  expect(overlap('192.168.255.255/17', '192.168.128.0/24')).toBe(true)
})

test('pods and Services get halves of a range that the machine has no route to', () => {
  const free = freePrivateRanges([], 0)
  expect(free).toEqual({ podCidr: '10.64.0.0/17', serviceCidr: '10.64.128.0/17' })
  expect(freePrivateRanges(['10.64.3.0/24', '10.65.1.1'], 0)?.podCidr).toBe('10.66.0.0/17')
})

test('the search goes round, and ends where all of 10.0.0.0/8 is taken', () => {
  expect(freePrivateRanges([], 189)?.podCidr).toBe('10.253.0.0/17')
  expect(freePrivateRanges(['10.253.0.0/16'], 189)?.podCidr).toBe('10.64.0.0/17')
  expect(freePrivateRanges(['10.0.0.0/8'], 5)).toBeUndefined()
})
