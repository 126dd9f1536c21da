import type { GitDebt } from '../../release/record/release.ts'

/** What the cluster has and Git has not, in a line. */
export function owedText({ since, commit, paths, reason, waitsIn }: GitDebt): string {
  const what = commit ? `${paths.join(', ')} as in commit ${commit.slice(0, 12)}` : paths.join(', ')
  const why = reason ? ` (${reason})` : ''
  const where = waitsIn ? `; the commit waits in ${waitsIn}` : ''
  return `Git owed since ${since}: ${what}${why}${where}`
}
