import { semanticEqual } from '../../api/equality.ts'
import { replicaSets } from '../../api/scheme.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

export const replicaSetStrategy = defineStrategy(replicaSets, {
  subresources: ['status', 'scale'],
  prepareForCreate: (replicaSet) => ({ ...replicaSet, status: { replicas: 0 } }),
  prepareForUpdate: (replicaSet, old) => withFieldOf(replicaSet, old, 'status'),
  prepareForStatusUpdate: (replicaSet, old) => withFieldOf(replicaSet, old, 'spec'),
  raisesGeneration: (replicaSet, old) =>
    !semanticEqual('ReplicaSetSpec', replicaSet.spec ?? {}, old.spec ?? {}),
})
