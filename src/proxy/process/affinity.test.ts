import { expect, test } from 'vitest'
import { Affinity } from './affinity.ts'

test('a client stays until it has been silent for the time-out', () => {
  const affinity = new Affinity<string>(1_000)
  affinity.bind('10.0.0.1', 'a', 0)
  expect(affinity.endpointOf('10.0.0.1', 999)).toBe('a')
  expect(affinity.endpointOf('10.0.0.1', 1_998)).toBe('a')
  expect(affinity.endpointOf('10.0.0.2', 1_998)).toBeUndefined()
  expect(affinity.endpointOf('10.0.0.1', 2_998)).toBeUndefined()
})

test('10,000 clients are remembered, those that asked least recently go first', () => {
  const affinity = new Affinity<string>(1_000)
  for (let index = 0; index < 10_000; index++) affinity.bind(`client-${index}`, 'a', 0)
  expect(affinity.endpointOf('client-0', 1)).toBe('a')
  affinity.bind('one-more', 'b', 2)
  expect(affinity.endpointOf('client-1', 3)).toBeUndefined()
  expect(affinity.endpointOf('client-0', 3)).toBe('a')
  expect([...affinity.bonds()]).toHaveLength(9_999 + 1)
})
