import { horizontalPodAutoscalers } from '../../api/scheme.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

export const horizontalPodAutoscalerStrategy = defineStrategy(horizontalPodAutoscalers, {
  subresources: ['status'],
  prepareForCreate: (autoscaler) => ({
    ...autoscaler,
    status: { currentMetrics: null, desiredReplicas: 0 } as never,
  }),
  prepareForUpdate: (autoscaler, old) => withFieldOf(autoscaler, old, 'status'),
  prepareForStatusUpdate: (autoscaler, old) => withFieldOf(autoscaler, old, 'spec'),
})
