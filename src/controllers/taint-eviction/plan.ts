import type { Pod, Taint, Toleration } from '../../api/generated/types.ts'
import { tolerates } from '../../api/node-fit.ts'

/** How long a pod stays on a node with these NoExecute taints: 0 = it goes now. */
export function toleratedMs({ spec }: Pod, taints: readonly Taint[]): number {
  const used = taints.map((taint) => spec?.tolerations?.find((each) => tolerates(each, taint)))
  if (used.some((toleration) => toleration === undefined)) return 0
  return Math.min(...used.map((toleration) => secondsOf(toleration) * 1000))
}

/** For ever, unless it says otherwise; what is not above 0 means at once. */
function secondsOf(toleration: Toleration | undefined): number {
  return Math.max(toleration?.tolerationSeconds ?? Number.POSITIVE_INFINITY, 0)
}
