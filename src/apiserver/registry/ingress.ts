import { semanticEqual } from '../../api/equality.ts'
import { ingresses } from '../../api/scheme.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

export const ingressStrategy = defineStrategy(ingresses, {
  subresources: ['status'],
  prepareForCreate: (ingress) => ({ ...ingress, status: { loadBalancer: {} } }),
  prepareForUpdate: (ingress, old) => withFieldOf(ingress, old, 'status'),
  prepareForStatusUpdate: (ingress, old) => withFieldOf(ingress, old, 'spec'),
  raisesGeneration: (ingress, old) =>
    !semanticEqual('Ingress', { spec: ingress.spec }, { spec: old.spec }),
})
