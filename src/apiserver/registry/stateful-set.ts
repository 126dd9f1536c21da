import { semanticEqual } from '../../api/equality.ts'
import { statefulSets } from '../../api/scheme.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

export const statefulSetStrategy = defineStrategy(statefulSets, {
  subresources: ['status', 'scale'],
  prepareForCreate: (statefulSet) => ({
    ...statefulSet,
    status: { replicas: 0, availableReplicas: 0 },
  }),
  prepareForUpdate: (statefulSet, old) => withFieldOf(statefulSet, old, 'status'),
  prepareForStatusUpdate: (statefulSet, old) => withFieldOf(statefulSet, old, 'spec'),
  raisesGeneration: (statefulSet, old) =>
    !semanticEqual('StatefulSetSpec', statefulSet.spec ?? {}, old.spec ?? {}),
})
