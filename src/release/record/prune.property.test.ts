import fc from 'fast-check'
import { expect, test } from 'vitest'
import { givenRelease } from '../given-release.fixture.ts'
import { prunable } from './prune.ts'

const releases = fc
  .array(
    fc.record({ health: fc.constantFrom('healthy', 'failed', 'unknown'), isPinned: fc.boolean() }),
    { maxLength: 30 },
  )
  .map((list) =>
    list.map((each, i) => givenRelease(i + 1, each as Parameters<typeof givenRelease>[1])),
  )

test('failed before unknown before healthy, oldest first; never pinned, never the last', () => {
  fc.assert(
    fc.property(releases, fc.integer({ min: 1, max: 20 }), (all, limit) => {
      const gone = new Set(prunable(all, limit))
      expect(gone.size).toBeLessThanOrEqual(Math.max(0, all.length - limit))
      const kept = all.filter((each) => !gone.has(each))
      expect([...gone].some(({ isPinned }) => isPinned)).toBe(false)
      expect(gone.has(all.at(-1) as (typeof all)[0])).toBe(false)
      const free = kept.slice(0, -1).filter(({ isPinned }) => !isPinned)
      const rank = { failed: 0, unknown: 1, healthy: 2 }
      for (const lost of gone) {
        for (const stays of free) {
          expect(rank[lost.health]).toBeLessThanOrEqual(rank[stays.health])
          if (lost.health === stays.health) expect(lost.number).toBeLessThan(stays.number)
        }
      }
      if (gone.size < all.length - limit) expect(free).toEqual([])
    }),
  )
})
