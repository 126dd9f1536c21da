import { describe, expect, test } from 'vitest'
import { systemContext } from '../../../base/context.ts'
import { VirtualClock } from '../../../base/virtual-clock.ts'
import type { ContainerRecord } from '../../runtime.ts'
import { newContainer, startInPod } from '../runtime.contract.ts'
import { Addresses } from './addresses.ts'
import type { ImageBehaviour } from './behaviour.ts'
import { simulatedRuntime } from './runtime.ts'

function simulation(behaviour: ImageBehaviour) {
  const clock = new VirtualClock(0)
  const exits: ContainerRecord[] = []
  const runtime = simulatedRuntime({
    context: { ...systemContext(), clock },
    addressPrefix: '10.244.0',
    behaviours: () => behaviour,
  })
  runtime.onExit((record) => exits.push(record))
  return { clock, runtime, exits }
}

describe('a script runs on the clock of the context', () => {
  test('start delay, life and exit code', async () => {
    const script = { startDelayMs: 2_000, exitAfterMs: 3_000, exitCode: 1 }
    const { clock, runtime, exits } = simulation(script)
    const started = startInPod(runtime, newContainer('fails'))
    await clock.advance(1_999)
    expect(clock.nextDelayMs()).toBe(1)
    await clock.advance(1)
    expect((await started).state).toEqual({ phase: 'running', startedAtMs: 2_000 })
    await clock.advance(2_999)
    expect(exits).toEqual([])
    await clock.advance(1)
    expect(exits.map(({ state }) => state)).toEqual([
      { phase: 'exited', startedAtMs: 2_000, finishedAtMs: 5_000, exitCode: 1, signal: undefined },
    ])
  })

  test.each([
    { stopAfterMs: 5_000, endedAtMs: 5_000, exitCode: 143 },
    { stopAfterMs: 40_000, endedAtMs: 30_000, exitCode: 137 },
    { stopAfterMs: Number.POSITIVE_INFINITY, endedAtMs: 30_000, exitCode: 137 },
  ])('stop takes $stopAfterMs ms of a grace of 30 s (F-10)', async (script) => {
    const { stopAfterMs, endedAtMs, exitCode } = script
    const { clock, runtime, exits } = simulation({ stopAfterMs })
    const spec = newContainer('runs')
    await startInPod(runtime, spec)
    const stopped = runtime.stopContainer(spec, 30_000)
    await clock.advance(endedAtMs)
    await stopped
    expect(exits[0]?.state).toMatchObject({ finishedAtMs: endedAtMs, exitCode })
  })
})

describe('addresses', () => {
  test('are given out in turn, a freed one last', () => {
    const addresses = new Addresses('10.244.0')
    const first = addresses.take()
    addresses.free(first)
    const all = Array.from({ length: 254 }, () => addresses.take())
    expect(first).toBe('10.244.0.1')
    expect(all.at(0)).toBe('10.244.0.2')
    expect(all.at(-1)).toBe(first)
    expect(new Set(all).size).toBe(254)
    expect(() => addresses.take()).toThrow('no address is left')
  })

  test('a shorter prefix holds more', () => {
    const addresses = new Addresses('10.7')
    const taken = Array.from({ length: 300 }, () => addresses.take())
    expect(taken.at(255)).toBe('10.7.1.0')
    addresses.free('10.7.1.0')
    expect(new Set(taken).size).toBe(300)
  })
})
