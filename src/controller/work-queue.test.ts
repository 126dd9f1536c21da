import { expect, test, vi } from 'vitest'
import { VirtualClock } from '../base/virtual-clock.ts'
import { WorkQueue } from './work-queue.ts'

test('B.1: rate-limited adds wait 5 ms * 2^n, at most 1000 s, until the key is forgotten', async () => {
  const clock = new VirtualClock(0)
  const queue = new WorkQueue(clock)
  const delays: number[] = []
  for (let n = 0; n < 20; n++) {
    queue.addRateLimited('a')
    delays.push(clock.nextDelayMs() ?? -1)
    await clock.advance(1_000_000)
    queue.done(queue.take() ?? '')
  }
  expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40])
  expect(delays[14]).toBe(81_920)
  expect(delays.slice(17)).toEqual([655_360, 1_000_000, 1_000_000])
  expect(queue.failures('a')).toBe(20)

  queue.forget('a')
  queue.addRateLimited('a')
  expect(clock.nextDelayMs()).toBe(5)
})

test('of several delayed adds the earliest wins', async () => {
  const clock = new VirtualClock(0)
  const queue = new WorkQueue(clock)
  queue.add('a', 100)
  queue.add('a', 50)
  queue.add('a', 70)
  await clock.advance(49)
  expect(queue.take()).toBeUndefined()
  await clock.advance(1)
  expect(queue.take()).toBe('a')
  queue.done('a')
  await clock.advance(1000)
  expect(queue.take()).toBeUndefined()
})

test('an add without delay leaves the delayed one standing', async () => {
  const clock = new VirtualClock(0)
  const queue = new WorkQueue(clock)
  queue.add('a', 100)
  queue.add('a')
  queue.done(queue.take() ?? '')
  expect(queue.take()).toBeUndefined()
  await clock.advance(100)
  expect(queue.take()).toBe('a')
})

test('keys come out in the order they became ready, and are announced once each', () => {
  const onReady = vi.fn()
  const queue = new WorkQueue(new VirtualClock(), onReady)
  for (const key of ['b', 'a', 'b', 'c']) queue.add(key)
  expect(onReady).toHaveBeenCalledTimes(3)
  expect([queue.take(), queue.take(), queue.take(), queue.take()]).toEqual([
    'b',
    'a',
    'c',
    undefined,
  ])
})

test('a stopped queue gives nothing and keeps no timer', () => {
  const clock = new VirtualClock(0)
  const queue = new WorkQueue(clock)
  queue.add('a')
  queue.add('b', 10)
  queue.stop()
  queue.add('c')
  queue.add('d', 10)
  expect(queue.take()).toBeUndefined()
  expect(clock.nextDelayMs()).toBeUndefined()
})
