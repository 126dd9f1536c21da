/** Why a node will not do. */
export interface Refusal {
  /** In the scheduler's words; each is counted. */
  readonly reasons: readonly string[]
  /** False where not even the removal of other pods would make it do. */
  readonly isCurable: boolean
}

export const incurable = (reason: string): Refusal => ({ reasons: [reason], isCurable: false })
export const curable = (...reasons: readonly string[]): Refusal => ({ reasons, isCurable: true })

/** `1 Insufficient cpu, 2 node(s) were unschedulable`. */
function histogram(reasons: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const text of reasons) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts]
    .map(([text, count]) => `${count} ${text}`)
    .sort()
    .join(', ')
}

/**
 * What the scheduler says when no node will do (Kubernetes 1.35). Nobody is preempted here: so no
 * pod is found that could be, either.
 */
export function explain(refusals: readonly Refusal[], forAll?: string): string {
  if (refusals.length === 0) return 'no nodes available to schedule pods'
  const none = `0/${refusals.length} nodes are available:`
  const why = forAll ?? histogram(refusals.flatMap(({ reasons }) => reasons))
  const cures = refusals.map(({ isCurable }) =>
    isCurable && forAll === undefined
      ? 'No preemption victims found for incoming pod'
      : 'Preemption is not helpful for scheduling',
  )
  return `${none} ${why}. no new claims to deallocate, preemption: ${none} ${histogram(cures)}.`
}
