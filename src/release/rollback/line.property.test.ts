import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { givenRelease, givenTemplate } from '../given-release.fixture.ts'
import type { Health, Release } from '../record/release.ts'
import { lineOf, redoTarget, releaseAt, rollbackCandidates } from './line.ts'

const applied = (...healths: Health[]) =>
  healths.map((health, i) => givenRelease(i + 1, { health }))

/** As a rollback or redo to a position leaves it. */
function moved(releases: readonly Release[], to: number, source: 'rollback' | 'redo'): Release[] {
  const template = givenTemplate(`app:${to}`)
  const number = releases.length + 1
  return [...releases, givenRelease(number, { source, restores: to, template })]
}

const positions = (releases: readonly Release[]) =>
  rollbackCandidates(releases).map(({ position }) => position)

describe('where to go back to', () => {
  test.each<[string, Release[], number[]]>([
    [
      'the newest healthy one before, then unknown ones',
      applied('unknown', 'healthy', 'unknown', 'unknown'),
      [2, 3, 1],
    ],
    ['never a failed one', applied('healthy', 'failed', 'healthy'), [1]],
    ['nothing before the first', applied('healthy'), []],
    [
      'not what runs already',
      [...applied('healthy', 'healthy'), givenRelease(3, { template: givenTemplate('app:2') })],
      [1],
    ],
  ])('%s', (_, releases, expected) => {
    expect(positions(releases)).toEqual(expected)
  })

  test('twice goes further back, and redo comes forward step by step', () => {
    const three = applied('healthy', 'healthy', 'failed')
    const once = moved(three, 2, 'rollback')
    expect(positions(once)).toEqual([1])
    const twice = moved(once, 1, 'rollback')
    expect(positions(twice)).toEqual([])
    expect(redoTarget(twice)?.position).toBe(2)
    const forth = moved(twice, 2, 'redo')
    expect(redoTarget(forth)?.position).toBe(3)
    expect(positions(forth)).toEqual([1])
    const anew = [...forth, givenRelease(7)]
    expect(redoTarget(anew)).toBeUndefined()
  })

  test('health is of the state: one that came back well is well', () => {
    const releases = applied('unknown', 'healthy', 'failed')
    const back = moved(releases, 1, 'rollback').map((each, i) =>
      i === 3 ? { ...each, health: 'healthy' as const } : each,
    )
    expect(rollbackCandidates([...back, givenRelease(5)]).map(({ position }) => position)).toEqual([
      2, 1,
    ])
  })

  test('a time means what ran then', () => {
    const releases = applied('healthy', 'healthy')
    expect(releaseAt(releases, Date.parse('2026-01-01T00:00:01.5Z'))?.number).toBe(1)
    expect(releaseAt(releases, 0)).toBeUndefined()
  })
})

test('any walk back and forth stays on the line: back is lower, redo undoes it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.boolean(), { maxLength: 12 }),
      (n, walk) => {
        let releases: readonly Release[] = applied(...Array<Health>(n).fill('healthy'))
        const visited: number[] = []
        for (const isBack of walk) {
          const position = lineOf(releases)?.position ?? 0
          const target = isBack ? rollbackCandidates(releases)[0] : redoTarget(releases)
          if (!target) continue
          expect(target.position < position).toBe(isBack)
          if (isBack) visited.push(position)
          else expect(target.position).toBe(visited.pop())
          releases = moved(releases, target.position, isBack ? 'rollback' : 'redo')
        }
      },
    ),
  )
})
