import { releaseLabel } from '../../release/release-label.ts'
import type { RollbackReport } from '../../release/rollback/transaction.ts'
import { owedText } from './owed-text.ts'

/** 0 done, 1 failed, 3 in progress or held, 5 Git owed. */
export function reportCode({ outcome, owed }: RollbackReport): number {
  if (outcome === 'in-progress' || outcome === 'held') return 3
  if (outcome !== 'healthy') return 1
  return owed ? 5 : 0
}

export interface ReportWords {
  /** `deployment/app`. */
  readonly who: string
  readonly patchFile: string
}

const outcomes = {
  healthy: 'healthy',
  failed: 'FAILED',
  'in-progress': 'not there yet',
  held: 'not everywhere',
  unwound: 'nothing was touched',
} as const

/** What runs now, where the commit is, and what is left to do. */
export function reportText(report: RollbackReport, { who, patchFile }: ReportWords): string {
  const { outcome, why, target, release, git, owed, deletedPods } = report
  const as = release ? ` as ${releaseLabel(release.number)}` : ''
  const reason = why ? `: ${why}` : ''
  const lines = [
    `${who} runs ${target}${as}: ${outcomes[outcome]}${reason}`,
    ...deletedPods.map((name) => `deleted ${name}, which was not ready and blocked the way back`),
    ...(git?.commit ? [`Git: commit ${git.commit.slice(0, 12)}`] : []),
    ...(git && !git.commit ? ['Git: it had all of this already'] : []),
    ...(git?.checkoutLeft ? [`your checkout was left alone: ${git.checkoutLeft}`] : []),
    ...(owed ? [owedText(owed), payText(report, { who, patchFile })] : []),
  ]
  return `${lines.join('\n')}\n`
}

/** How the debt is paid. */
function payText({ release, owed }: RollbackReport, { who, patchFile }: ReportWords): string {
  if (owed?.waitsIn === 'a patch') {
    return patchFile === '-' ? 'to pay it: `git am` the patch' : `to pay it: git am ${patchFile}`
  }
  if (owed?.waitsIn?.startsWith('the local branch')) return 'to pay it: git push'
  if (owed?.waitsIn) return `to pay it: merge ${owed.waitsIn}`
  const to = release ? ` --to ${releaseLabel(release.number)}` : ''
  return `to pay it: astern rollback ${who}${to} --push`
}
