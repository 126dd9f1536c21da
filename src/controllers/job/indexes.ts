import type { Pod } from '../../api/generated/types.ts'
import { completionIndexKey } from '../../api/names.ts'

/** The index of a pod of an Indexed Job; undefined for one that has none. */
export function completionIndexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[completionIndexKey] ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

/** `0,3-5` as the set of its numbers; parts that are none are passed over. */
export function parseIndexes(text: string | undefined): ReadonlySet<number> {
  const indexes = new Set<number>()
  for (const part of (text ?? '').split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part)
    if (!match) continue
    const last = Number(match[2] ?? match[1])
    for (let index = Number(match[1]); index <= last; index += 1) indexes.add(index)
  }
  return indexes
}

/** The set as upstream writes it: runs of three and more with a dash, in order. */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const runs: { first: number; last: number }[] = []
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const run = runs.at(-1)
    if (run && run.last === index - 1) run.last = index
    else runs.push({ first: index, last: index })
  }
  return runs
    .map(({ first, last }) => {
      if (first === last) return `${first}`
      return last === first + 1 ? `${first},${last}` : `${first}-${last}`
    })
    .join(',')
}
