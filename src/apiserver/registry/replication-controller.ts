import { semanticEqual } from '../../api/equality.ts'
import { replicationControllers } from '../../api/scheme.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

export const replicationControllerStrategy = defineStrategy(replicationControllers, {
  subresources: ['status', 'scale'],
  orphansByDefault: true,
  prepareForCreate: (controller) => ({ ...controller, status: { replicas: 0 } }),
  prepareForUpdate: (controller, old) => withFieldOf(controller, old, 'status'),
  prepareForStatusUpdate: (controller, old) => withFieldOf(controller, old, 'spec'),
  raisesGeneration: (controller, old) =>
    !semanticEqual('ReplicationControllerSpec', controller.spec ?? {}, old.spec ?? {}),
})
