import { semanticEqual } from '../../api/equality.ts'
import { podDisruptionBudgets } from '../../api/scheme.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

export const podDisruptionBudgetStrategy = defineStrategy(podDisruptionBudgets, {
  subresources: ['status'],
  allowsUnconditionalUpdate: false,
  prepareForCreate: (budget) => ({
    ...budget,
    status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  }),
  prepareForUpdate: (budget, old) => withFieldOf(budget, old, 'status'),
  prepareForStatusUpdate: (budget, old) => withFieldOf(budget, old, 'spec'),
  raisesGeneration: (budget, old) =>
    !semanticEqual('PodDisruptionBudgetSpec', budget.spec ?? {}, old.spec ?? {}),
})
