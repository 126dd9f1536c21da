import type { Deployment, DeploymentSpec, DeploymentStrategy } from '../generated/types.ts'
import { change, fill } from './copy-on-change.ts'
import { defaultPodTemplate } from './pod-template.ts'

/** surge and unavailable only with RollingUpdate, and each only if absent. */
function defaultStrategy(strategy: DeploymentStrategy): DeploymentStrategy {
  const typed = fill(strategy, { type: 'RollingUpdate' })
  if (typed.type !== 'RollingUpdate') return typed
  return change(fill(typed, { rollingUpdate: Object.freeze({}) }), 'rollingUpdate', (rolling) =>
    fill(rolling, { maxSurge: '25%', maxUnavailable: '25%' }),
  )
}

function defaultDeploymentSpec(spec: DeploymentSpec): DeploymentSpec {
  const filled = fill(spec, {
    replicas: 1,
    strategy: Object.freeze({}),
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  })
  const withStrategy = change(filled, 'strategy', defaultStrategy)
  return change(withStrategy, 'template', defaultPodTemplate)
}

/** A-01..A-03, and the template's. */
export function defaultDeployment(deployment: Deployment): Deployment {
  return change(deployment, 'spec', defaultDeploymentSpec)
}
