import type { Job, SuccessPolicyRule } from '../../api/generated/types.ts'
import { parseIndexes } from './indexes.ts'

/** What a Job says of itself that has succeeded by a rule; undefined while none holds. */
export function matchSuccessPolicy(
  { spec }: Job,
  succeeded: ReadonlySet<number>,
): string | undefined {
  if (succeeded.size === 0) return undefined
  const index = (spec?.successPolicy?.rules ?? []).findIndex((rule) =>
    holds(rule, succeeded, spec?.completions ?? 0),
  )
  return index < 0 ? undefined : `Matched rules at index ${index}`
}

/** All the indexes it names, or as many of them as it wants; without names any count. */
function holds(
  { succeededIndexes, succeededCount }: SuccessPolicyRule,
  succeeded: ReadonlySet<number>,
  completions: number,
): boolean {
  const wanted = succeededCount ?? Number.POSITIVE_INFINITY
  if (succeededIndexes === undefined) return succeeded.size >= wanted
  const named = [...parseIndexes(succeededIndexes)].filter((index) => index < completions)
  const done = named.filter((index) => succeeded.has(index)).length
  return named.length > 0 && done >= Math.min(named.length, wanted)
}
