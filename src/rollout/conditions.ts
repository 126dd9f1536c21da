import { findCondition, type TypedCondition, withoutCondition } from '../api/condition.ts'

/**
 * The list with the condition as its last (B-58), keeping lastTransitionTime where the status
 * stays; the same list when status and reason are as they were (B-54).
 */
export function withCondition<C extends TypedCondition & { readonly reason?: string }>(
  conditions: readonly C[],
  condition: C,
): readonly C[] {
  const current = findCondition(conditions, condition.type)
  if (current?.status !== condition.status) {
    return [...withoutCondition(conditions, condition.type), condition]
  }
  if (current.reason === condition.reason) return conditions
  const { lastTransitionTime } = current
  return [...withoutCondition(conditions, condition.type), { ...condition, lastTransitionTime }]
}
