import fc from 'fast-check'
import { expect, test } from 'vitest'
import { VirtualClock } from '../base/virtual-clock.ts'
import { WorkQueue } from './work-queue.ts'

const key = fc.constantFrom('a', 'b', 'c')
const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), key }),
  fc.record({
    do: fc.constant('addLater' as const),
    key,
    afterMs: fc.integer({ min: 1, max: 50 }),
  }),
  fc.record({ do: fc.constant('addRateLimited' as const), key }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('done' as const), index: fc.nat(2) }),
  fc.record({ do: fc.constant('tick' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** Plays steps and remembers what is owed: keys added after the start of their last pass. */
class Play {
  readonly clock = new VirtualClock(0)
  readonly queue = new WorkQueue(this.clock)
  readonly owed = new Set<string>()
  readonly underWay: string[] = []

  apply(step: Step): void {
    if (step.do === 'take') this.take()
    else if (step.do === 'done') this.done(step.index % (this.underWay.length || 1))
    else if (step.do === 'tick') this.clock.step()
    else this.add(step)
  }

  add(step: Extract<Step, { key: string }>): void {
    this.owed.add(step.key)
    if (step.do === 'add') this.queue.add(step.key)
    if (step.do === 'addLater') this.queue.add(step.key, step.afterMs)
    if (step.do === 'addRateLimited') this.queue.addRateLimited(step.key)
  }

  take(): boolean {
    const taken = this.queue.take()
    if (taken === undefined) return false
    expect(this.underWay, 'two passes of one key at once').not.toContain(taken)
    this.underWay.push(taken)
    this.owed.delete(taken)
    return true
  }

  done(index: number): void {
    const [ended] = this.underWay.splice(index, 1)
    if (ended !== undefined) this.queue.done(ended)
  }

  /** The passes made when everything is worked off. */
  drain(): number {
    let passes = 0
    do {
      while (this.underWay.length > 0) this.done(0)
      while (this.take()) passes++
    } while (this.underWay.length > 0 || this.clock.step())
    return passes
  }
}

test('no key is lost, and no key is taken twice at once', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const play = new Play()
      for (const one of steps) play.apply(one)
      play.drain()
      expect([...play.owed]).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('adds collapse: at most one pass waits per key, whether it is under way or not', () => {
  fc.assert(
    fc.property(
      fc.array(key, { maxLength: 30 }),
      fc.array(key, { maxLength: 30 }),
      (first, then) => {
        const play = new Play()
        for (const one of first) play.queue.add(one)
        while (play.take());
        for (const one of then) play.queue.add(one)
        expect(play.drain()).toBe(new Set(then).size)
      },
    ),
  )
})
