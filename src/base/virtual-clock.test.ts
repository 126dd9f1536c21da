import fc from 'fast-check'
import { expect, test } from 'vitest'
import { VirtualClock } from './virtual-clock.ts'

test('timers fire by when they are due, ties in the order they were scheduled', () => {
  const delays = fc.array(fc.record({ delayMs: fc.nat(20), isCancelled: fc.boolean() }))
  fc.assert(
    fc.property(delays, (timers) => {
      const clock = new VirtualClock(0)
      const fired: (readonly [number, number])[] = []
      timers.forEach(({ delayMs, isCancelled }, index) => {
        const timer = clock.setTimeout(() => fired.push([clock.monotonic(), index]), delayMs)
        if (isCancelled) timer.cancel()
      })
      while (clock.step()) {}
      const expected = timers
        .flatMap(({ delayMs, isCancelled }, index) =>
          isCancelled ? [] : [[delayMs, index] as const],
        )
        .sort(([left, i], [right, j]) => left - right || i - j)
      expect(fired).toEqual(expected)
    }),
  )
})

test('a jump moves wall time only: no timer fires for it, none is late', () => {
  const clock = new VirtualClock(1000)
  let firedAtMs = 0
  clock.setTimeout(() => {
    firedAtMs = clock.monotonic()
  }, 50)
  clock.jump(-600)
  expect([clock.now(), clock.monotonic(), clock.nextDelayMs()]).toEqual([400, 1000, 50])
  clock.step()
  expect([firedAtMs, clock.now()]).toEqual([1050, 450])
})
