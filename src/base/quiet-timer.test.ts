import { expect, test } from 'vitest'
import { QuietTimer } from './quiet-timer.ts'
import { VirtualClock } from './virtual-clock.ts'

function given() {
  const clock = new VirtualClock(0)
  const ranAtMs: number[] = []
  const times = { quietMs: 200, delayMsMax: 1_000 }
  const timer = new QuietTimer(clock, times, () => ranAtMs.push(clock.monotonic()))
  return { clock, timer, ranAtMs }
}

test('it runs when it has been quiet, once for all that was before', async () => {
  const { clock, timer, ranAtMs } = given()
  timer.touch()
  await clock.advance(150)
  timer.touch()
  await clock.advance(5_000)
  expect(ranAtMs).toEqual([350])
})

test('it runs in the end when it is never quiet, and counts anew after that', async () => {
  const { clock, timer, ranAtMs } = given()
  for (let touches = 0; touches < 22; touches++) {
    timer.touch()
    await clock.advance(100)
  }
  expect(ranAtMs).toEqual([1_000, 2_000])
})

test('cancelled, it waits for the next touch', async () => {
  const { clock, timer, ranAtMs } = given()
  timer.touch()
  timer.cancel()
  await clock.advance(5_000)
  expect(ranAtMs).toEqual([])
  timer.touch()
  await clock.advance(5_000)
  expect(ranAtMs).toEqual([5_200])
})
