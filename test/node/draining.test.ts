import { afterEach, describe, expect, it } from 'vitest'
import type { Pod } from '../../src/api/generated/types.ts'
import { sleep } from '../../src/base/clock.ts'
import { GivenNode } from './given-node.ts'

let node: GivenNode

afterEach(() => node.stop())

describe('S-06: requests in flight are answered before SIGTERM', () => {
  it.each([
    { grace: 60, drainMs: 10_000, leftMs: 50_000 },
    { grace: 30, drainMs: 10_000, leftMs: 20_000 },
    { grace: 8, drainMs: 4_000, leftMs: 4_000 },
    { grace: 3, drainMs: 1_500, leftMs: 2_000 },
    { grace: 1, drainMs: 500, leftMs: 2_000 },
  ])('of a grace period of $grace s they get $drainMs ms, the program $leftMs ms', async (of) => {
    let drainMs = 0
    const drained = async (_: Pod, deadlineMs: number) => {
      drainMs = deadlineMs
      await sleep(node.api.clock, deadlineMs)
      return 'deadline' as const
    }
    node = await GivenNode.start({ gate: { drained }, behaviours: () => ({ stopAfterMs: 90_000 }) })
    await node.createPod('p', { terminationGracePeriodSeconds: of.grace })
    await node.api.clock.advance(1_000)
    const stop = node.runtime.stopContainer.bind(node.runtime)
    const stops: { readonly atMs: number; readonly graceMs: number }[] = []
    node.runtime.stopContainer = (ref, graceMs) => {
      stops.push({ atMs: node.api.clock.now() - fromMs, graceMs })
      return stop(ref, graceMs)
    }
    const fromMs = node.api.clock.now()
    await node.deletePod('p')
    await node.api.clock.advance(of.drainMs + of.leftMs - 100)
    expect([drainMs, stops]).toEqual([of.drainMs, [{ atMs: of.drainMs, graceMs: of.leftMs }]])
    expect(await node.runtime.containers()).toHaveLength(1)
    await node.api.clock.advance(1_000)
    expect(await node.pod('p')).toBeUndefined()
  })
})
