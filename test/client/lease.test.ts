import { afterEach, beforeEach, expect, test } from 'vitest'
import { leases } from '../../src/api/scheme.ts'
import { LeaseHold } from '../../src/client/lease.ts'
import { type GivenApi, givenApi } from './given-api.ts'

let api: GivenApi
beforeEach(async () => {
  api = await givenApi()
})
afterEach(() => api.stop())

const key = { namespace: 'kube-system', name: 'controllers' }

function hold(holder: string): LeaseHold {
  const { context, transport } = api
  return new LeaseHold(context, { transport, ...key, holder, durationSeconds: 15 })
}

const spec = async () => (await api.transport.get(leases, key)).spec

test('the first takes it, the second waits; times are MicroTime', async () => {
  const [a, b] = [hold('a'), hold('b')]
  expect(await a.acquire()).toBe(true)
  expect(await b.acquire()).toBe(false)
  expect(await b.renew()).toBe(false)
  expect(await spec()).toEqual({
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    acquireTime: '2026-01-01T00:00:00.000000Z',
    renewTime: '2026-01-01T00:00:00.000000Z',
    leaseTransitions: 0,
  })
})

test('renewing keeps the acquireTime, and others from taking it', async () => {
  const [a, b] = [hold('a'), hold('b')]
  await a.acquire()
  for (let renewal = 0; renewal < 4; renewal++) {
    await api.clock.advance(10_000)
    expect(await a.renew()).toBe(true)
    expect(await b.acquire()).toBe(false)
  }
  expect(await spec()).toMatchObject({
    acquireTime: '2026-01-01T00:00:00.000000Z',
    renewTime: '2026-01-01T00:00:40.000000Z',
  })
})

test('without renewals it is taken after its duration, measured from when that was first seen', async () => {
  const [a, b] = [hold('a'), hold('b')]
  await a.acquire()
  await api.clock.advance(60_000)
  expect(await b.acquire(), 'seen for the first time').toBe(false)
  await api.clock.advance(15_001)
  expect(await b.acquire()).toBe(true)
  expect(await a.renew()).toBe(false)
  expect(await spec()).toMatchObject({
    holderIdentity: 'b',
    leaseTransitions: 1,
    acquireTime: '2026-01-01T00:01:15.001000Z',
  })
})

test('released, it is free at once', async () => {
  const [a, b] = [hold('a'), hold('b')]
  await a.acquire()
  await b.release()
  expect((await spec())?.holderIdentity).toBe('a')
  await a.release()
  expect(await b.acquire()).toBe(true)
})

test('two that compete for a free one: exactly one gets it', async () => {
  const holds = ['a', 'b', 'c'].map(hold)
  const taken = await Promise.all(holds.map((one) => one.acquire()))
  expect(taken.filter(Boolean).length).toBe(1)
  await Promise.all(holds.map((one) => one.release()))
  const again = await Promise.all(holds.map((one) => one.acquire()))
  expect(again.filter(Boolean).length).toBe(1)
})

test('a renewal after someone touched the Lease reads it again; after its deletion it is lost', async () => {
  const a = hold('a')
  await a.acquire()
  const body = { metadata: { labels: { touched: 'yes' } } }
  await api.transport.patch(leases, key, { type: 'application/merge-patch+json', body })
  expect(await a.renew()).toBe(true)
  expect((await api.transport.get(leases, key)).metadata.labels).toEqual({ touched: 'yes' })
  await api.transport.delete(leases, key)
  expect(await a.renew()).toBe(false)
  expect(await a.acquire()).toBe(true)
})
