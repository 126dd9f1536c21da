import { expect, test } from 'vitest'
import { StatusError } from '../api/status-error.ts'
import type { Context } from '../base/context.ts'
import { seededIds } from '../base/ids.ts'
import { silentLogger } from '../base/log.ts'
import { seededPrng } from '../base/prng.ts'
import { settled, VirtualClock } from '../base/virtual-clock.ts'
import { type Reconciler, TerminalError } from './reconciler.ts'
import { createController } from './run-controller.ts'

function given(
  reconcile: Reconciler['reconcile'],
  options: { workers?: number; retriesMax?: number } = {},
) {
  const clock = new VirtualClock(0)
  const prng = seededPrng(1)
  const context: Context = { clock, prng, ids: seededIds(prng), log: silentLogger }
  const controller = createController(context, {
    name: 'test',
    reconciler: { reconcile },
    ...options,
  })
  return { clock, controller }
}

const terminating = new StatusError('Forbidden', 'no', {
  causes: [{ reason: 'NamespaceTerminating', message: '', field: '' }],
})

const cases: readonly (readonly [name: string, error: Error, passes: number])[] = [
  ['B.1: an error is retried 15 times where that is the limit, then dropped', new Error('no'), 16],
  ['a conflict is retried alike', new StatusError('Conflict', 'no'), 16],
  ['a TerminalError is not retried', new TerminalError('no'), 1],
  ['B.1: a refusal because the namespace terminates is dropped', terminating, 1],
]

test.each(cases)('%s', async (_name, error, expected) => {
  let passes = 0
  const { clock, controller } = given(
    async () => {
      passes++
      throw error
    },
    { retriesMax: 15 },
  )
  controller.start()
  controller.enqueue('a')
  await clock.advance(1_000_000)
  expect(passes).toBe(expected)

  controller.enqueue('a')
  await settled()
  expect(passes, 'the next event brings it back').toBe(expected + 1)
  await controller.stop()
})

test('without a limit an error is retried for ever, at most 1000 s apart (B.1)', async () => {
  const timesMs: number[] = []
  const { clock, controller } = given(async () => {
    timesMs.push(clock.now())
    throw new Error('exceeded quota')
  })
  controller.start()
  controller.enqueue('a')
  const hoursMs = 4 * 3_600_000
  await clock.advance(hoursMs)
  expect(timesMs.length).toBeGreaterThan(20)
  expect(hoursMs - (timesMs.at(-1) ?? 0)).toBeLessThanOrEqual(1_000_000)
  await controller.stop()
})

test('success ends the back-off', async () => {
  const timesMs: number[] = []
  const { clock, controller } = given(async () => {
    timesMs.push(clock.now())
    if (timesMs.length !== 3) throw new Error('no')
  })
  controller.start()
  controller.enqueue('a')
  await clock.advance(100)
  controller.enqueue('a')
  await clock.advance(9)
  expect(timesMs).toEqual([0, 5, 15, 100, 105])
  await controller.stop()
})

test('requeueAfterMs brings the key back', async () => {
  const timesMs: number[] = []
  const { clock, controller } = given(async () => {
    timesMs.push(clock.now())
    return timesMs.length < 3 ? { requeueAfterMs: 1000 } : {}
  })
  controller.start()
  controller.enqueue('a')
  await clock.advance(10_000)
  expect(timesMs).toEqual([0, 1000, 2000])
})

test('a key never has two passes at once; others run beside it, up to the number of workers', async () => {
  const begun: string[] = []
  const ends: (() => void)[] = []
  const { controller } = given(
    (key) => {
      begun.push(key)
      return new Promise((resolve) => ends.push(resolve))
    },
    { workers: 2 },
  )
  controller.start()
  for (const key of ['a', 'b', 'c']) controller.enqueue(key)
  await settled()
  expect(begun).toEqual(['a', 'b'])
  controller.enqueue('a')
  controller.enqueue('a')
  await settled()
  expect(begun).toEqual(['a', 'b'])
  ends[0]?.()
  await settled()
  expect(begun).toEqual(['a', 'b', 'c'])
  ends[1]?.()
  await settled()
  expect(begun).toEqual(['a', 'b', 'c', 'a'])
})

test('nothing runs before start; what was added until then is not lost', async () => {
  let passes = 0
  const { controller } = given(async () => void passes++)
  controller.enqueue('a')
  await settled()
  expect(passes).toBe(0)
  controller.start()
  expect(passes, 'not inside the call').toBe(0)
  await settled()
  expect(passes).toBe(1)
})

test('stop waits for the pass under way and begins no other', async () => {
  let end = () => {}
  let passes = 0
  const { controller } = given(() => {
    passes++
    return new Promise((resolve) => {
      end = resolve
    })
  })
  controller.start()
  controller.enqueue('a')
  await settled()
  controller.enqueue('a')
  let isStopped = false
  const stopping = controller.stop().then(() => {
    isStopped = true
  })
  await settled()
  expect(isStopped).toBe(false)
  end()
  await stopping
  expect(passes).toBe(1)
})
