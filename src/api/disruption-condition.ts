import type { Condition } from './generated/types.ts'

/**
 * What a PodDisruptionBudget that allows this many evictions says of itself. Its
 * lastTransitionTime is for `setCondition` to fill in.
 */
export function disruptionAllowedCondition(
  disruptionsAllowed: number,
  observedGeneration: number | undefined,
): Condition {
  const isAllowed = disruptionsAllowed > 0
  return {
    type: 'DisruptionAllowed',
    status: isAllowed ? 'True' : 'False',
    reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    lastTransitionTime: '',
    ...(observedGeneration !== undefined && { observedGeneration }),
  }
}
