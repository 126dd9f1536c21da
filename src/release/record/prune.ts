import { positionOf, type Release } from './release.ts'

/** What a workload keeps unless told otherwise. */
export const releaseLimit = 50

/**
 * The releases over the limit: failed ones first, then those of which nothing is known, then the
 * oldest healthy ones. Never the last, the one whose state it has, a pinned one or one that Git
 * still owes. Numbers are never given again, for the last one stays.
 */
export function prunable(releases: readonly Release[], limit: number): readonly Release[] {
  const last = releases.at(-1)
  if (!last || releases.length <= limit) return []
  const order = { failed: 0, unknown: 1, healthy: 2 } as const
  return releases
    .filter(({ number, isPinned, gitOwed }) => {
      const isInUse = number === last.number || number === positionOf(last)
      return !isInUse && !isPinned && gitOwed === undefined
    })
    .sort((a, b) => order[a.health] - order[b.health] || a.number - b.number)
    .slice(0, releases.length - limit)
}
