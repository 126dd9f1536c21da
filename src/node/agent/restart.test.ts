import { describe, expect, it } from 'vitest'
import { crashBackoffMs, shouldRestart } from './restart.ts'

/** Ended attempts that ran for so many seconds each. */
const ended = (...seconds: readonly number[]) =>
  seconds.map((s) => ({
    phase: 'exited' as const,
    startedAtMs: 0,
    finishedAtMs: s * 1000,
    exitCode: 1,
    signal: undefined,
  }))

describe('F-04 crash back-off', () => {
  it('starts again at once, then after 10, 20, 40, 80, 160, 300, 300 s', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => crashBackoffMs(ended(...Array(n).fill(1))))
    expect(delays).toEqual([0, 10, 20, 40, 80, 160, 300, 300].map((s) => s * 1000))
  })

  it('forgives after ten minutes of running', () => {
    expect(crashBackoffMs(ended(1, 1, 1, 600))).toBe(0)
    expect(crashBackoffMs(ended(1, 1, 1, 600, 1))).toBe(10_000)
    expect(crashBackoffMs(ended(1, 1, 1, 599))).toBe(40_000)
  })

  it('is nothing before the first end', () => expect(crashBackoffMs([])).toBe(0))
})

describe('F-01 restart policy', () => {
  it.each([
    ['main', 'Always', 0, true],
    ['main', 'Always', 1, true],
    ['main', 'OnFailure', 0, false],
    ['main', 'OnFailure', 1, true],
    ['main', 'Never', 1, false],
    ['init', 'Always', 0, false],
    ['init', 'Always', 1, true],
    ['init', 'Never', 1, false],
    ['sidecar', 'Never', 0, true],
    ['main', 'OnFailure', undefined, true],
  ] as const)('%s under %s that exits %s: %s', (role, policy, code, again) => {
    expect(shouldRestart(role, policy, code)).toBe(again)
  })
})
