import type { Namespace, NamespaceCondition } from '../../api/generated/types.ts'
import { timestamp } from '../../base/clock.ts'

/** What is left of one resource in a namespace that is going away. */
export interface Remaining {
  /** Such as `pods.` or `deployments.apps`: the resource and its group, as upstream prints them. */
  readonly resource: string
  readonly count: number
  /** Finalizers of those objects, with the number of objects that have each. */
  readonly finalizers: ReadonlyMap<string, number>
}

interface Verdict {
  readonly type: string
  readonly failed: boolean
  readonly reason: string
  readonly message: string
}

function contentVerdict(remaining: readonly Remaining[]): Verdict {
  const type = 'NamespaceContentRemaining'
  if (remaining.length === 0) {
    const message = 'All content successfully removed'
    return { type, failed: false, reason: 'ContentRemoved', message }
  }
  const parts = remaining.map(
    ({ resource, count }) => `${resource} has ${count} resource instances`,
  )
  const message = `Some resources are remaining: ${parts.sort().join(', ')}`
  return { type, failed: true, reason: 'SomeResourcesRemain', message }
}

function finalizerVerdict(remaining: readonly Remaining[]): Verdict {
  const type = 'NamespaceFinalizersRemaining'
  const counts = new Map<string, number>()
  for (const { finalizers } of remaining) {
    for (const [name, count] of finalizers) counts.set(name, (counts.get(name) ?? 0) + count)
  }
  if (counts.size === 0) {
    const message = 'All content-preserving finalizers finished'
    return { type, failed: false, reason: 'ContentHasNoFinalizers', message }
  }
  const parts = [...counts].map(([name, count]) => `${name} in ${count} resource instances`)
  const message = `Some content in the namespace has finalizers remaining: ${parts.sort().join(', ')}`
  return { type, failed: true, reason: 'SomeFinalizersRemain', message }
}

function deletionVerdict(errors: readonly string[]): Verdict {
  const type = 'NamespaceDeletionContentFailure'
  if (errors.length === 0) {
    const message = 'All content successfully deleted, may be waiting on finalization'
    return { type, failed: false, reason: 'ContentDeleted', message }
  }
  const message = `Failed to delete all resource types, ${errors.length} remaining: ${errors.join(', ')}`
  return { type, failed: true, reason: 'ContentDeletionFailed', message }
}

const discovered: Verdict = {
  type: 'NamespaceDeletionDiscoveryFailure',
  failed: false,
  reason: 'ResourcesDiscovered',
  message: 'All resources successfully discovered',
}

const parsed: Verdict = {
  type: 'NamespaceDeletionGroupVersionParsingFailure',
  failed: false,
  reason: 'ParsedGroupVersions',
  message: 'All legacy kube types successfully parsed',
}

export interface DeletionProgress {
  readonly remaining: readonly Remaining[]
  /** Texts of deletions that failed. */
  readonly errors: readonly string[]
}

/** The five conditions of a namespace that is being deleted (E-20). */
export function deletionConditions(
  namespace: Namespace,
  { remaining, errors }: DeletionProgress,
  nowMs: number,
): readonly NamespaceCondition[] {
  const verdicts = [
    discovered,
    parsed,
    deletionVerdict(errors),
    contentVerdict(remaining),
    finalizerVerdict(remaining),
  ]
  const known = namespace.status?.conditions ?? []
  const own = verdicts.map(({ type, failed, reason, message }) => {
    const status = failed ? 'True' : 'False'
    const before = known.find((one) => one.type === type)
    const lastTransitionTime =
      before?.status === status ? before.lastTransitionTime : timestamp(nowMs)
    return { type, status, reason, message, lastTransitionTime }
  })
  return [...own, ...known.filter(({ type }) => !verdicts.some((one) => one.type === type))]
}
