import { semanticEqual } from '../../api/equality.ts'
import type { Deployment } from '../../api/generated/types.ts'
import { deployments } from '../../api/scheme.ts'
import { isSame } from './same.ts'
import { defineStrategy, withFieldOf } from './strategy.ts'

/** `/status` changes status and annotations, never spec or labels. */
function keepSpecAndLabels(deployment: Deployment, old: Deployment): Deployment {
  const metadata = withFieldOf(deployment.metadata, old.metadata, 'labels')
  return { ...withFieldOf(deployment, old, 'spec'), metadata }
}

export const deploymentStrategy = defineStrategy(deployments, {
  subresources: ['status', 'scale'],
  resetFields: {
    main: { 'f:status': {} },
    status: { 'f:metadata': { 'f:labels': {} }, 'f:spec': {} },
  },
  prepareForCreate: (deployment) => ({ ...deployment, status: {} }),
  prepareForUpdate: (deployment, old) => withFieldOf(deployment, old, 'status'),
  prepareForStatusUpdate: keepSpecAndLabels,
  raisesGeneration: (deployment, old) =>
    !semanticEqual('DeploymentSpec', deployment.spec ?? {}, old.spec ?? {}) ||
    !isSame(deployment.metadata.annotations, old.metadata.annotations),
})
