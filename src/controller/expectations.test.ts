import { expect, test } from 'vitest'
import { VirtualClock } from '../base/virtual-clock.ts'
import { Expectations } from './expectations.ts'

const minuteMs = 60_000

test('C-07: an owner nothing is expected of is fulfilled', () => {
  expect(new Expectations(new VirtualClock()).isFulfilled('ns/a')).toBe(true)
})

test('C-07: creates are fulfilled when as many are observed', () => {
  const expectations = new Expectations(new VirtualClock())
  expectations.expect('ns/a', { creates: 3 })
  expectations.createObserved('ns/a')
  expectations.createObserved('ns/b')
  expect(expectations.isFulfilled('ns/a')).toBe(false)
  expectations.createObserved('ns/a', 2)
  expect(expectations.isFulfilled('ns/a')).toBe(true)
  expectations.createObserved('ns/a')
  expectations.expect('ns/a', { creates: 1 })
  expect(expectations.isFulfilled('ns/a'), 'one too many is not carried over').toBe(false)
})

test('C-07: deletes are tracked by the dependent, so that seeing one twice counts once', () => {
  const expectations = new Expectations(new VirtualClock())
  expectations.expect('ns/a', { deletes: ['ns/p1', 'ns/p2'] })
  expectations.deleteObserved('ns/a', 'ns/p1')
  expectations.deleteObserved('ns/a', 'ns/p1')
  expectations.deleteObserved('ns/a', 'ns/other')
  expect(expectations.isFulfilled('ns/a')).toBe(false)
  expectations.deleteObserved('ns/a', 'ns/p2')
  expect(expectations.isFulfilled('ns/a')).toBe(true)
})

test('C-07: what was not observed for 5 minutes is no longer waited for', async () => {
  const clock = new VirtualClock()
  const expectations = new Expectations(clock)
  expectations.expect('ns/a', { creates: 1, deletes: ['ns/p1'] })
  await clock.advance(4 * minuteMs)
  expect(expectations.remainingMs('ns/a')).toBe(minuteMs)
  await clock.advance(minuteMs)
  expect(expectations.isFulfilled('ns/a')).toBe(true)
})

test('an owner that is gone leaves nothing behind', () => {
  const expectations = new Expectations(new VirtualClock())
  expectations.expect('ns/a', { creates: 1 })
  expectations.forget('ns/a')
  expect(expectations.isFulfilled('ns/a')).toBe(true)
})
