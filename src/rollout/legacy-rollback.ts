import type { Deployment } from '../api/generated/types.ts'
import { rollbackToAnnotation } from '../api/names.ts'
import type { DeploymentAction, PlannedEvent } from './deployment-plan.ts'
import { hasTemplateOf } from './new-replica-set.ts'
import type { ObservedDeployment } from './observed-deployment.ts'
import { parseRevision } from './revisions.ts'
import { specOf } from './sizes.ts'
import { findRollbackTarget, restoredFields } from './undo.ts'

/** The revision that the annotation of extensions/v1beta1's rollback asks for (B-85). */
export function rollbackRequest(deployment: Deployment): bigint | undefined {
  const text = deployment.metadata.annotations?.[rollbackToAnnotation]
  return text === undefined ? undefined : parseRevision(text)
}

/** The server's own rollback (B-85): whatever comes of it, the annotation goes. */
export function legacyRollbackActions(
  { deployment, replicaSets }: ObservedDeployment,
  toRevision: bigint,
): readonly DeploymentAction[] {
  const target = findRollbackTarget(replicaSets, toRevision)
  // Revision 0 is no revision: the ReplicaSet before the latest has none.
  if (target.outcome === 'missing' || target.revision === 0n) {
    const what = toRevision === 0n ? 'last revision' : 'the revision to rollback to'
    return giveUp(deployment, warning('RevisionNotFound', `Unable to find ${what}.`))
  }
  const name = JSON.stringify(deployment.metadata.name)
  if (hasTemplateOf(deployment, target.replicaSet)) {
    const same = 'The rollback revision contains the same template as current deployment'
    return giveUp(deployment, warning('TemplateUnchanged', `${same} ${name}`))
  }
  const { template, annotations } = restoredFields(deployment, target.replicaSet)
  const event: PlannedEvent = {
    type: 'Normal',
    reason: 'DeploymentRollback',
    message: `Rolled back deployment ${name} to revision ${target.revision}`,
  }
  const restored = {
    ...deployment,
    metadata: { ...deployment.metadata, annotations },
    spec: { ...specOf(deployment), template },
  }
  return [{ type: 'updateDeployment', deployment: withoutRequest(restored), event }]
}

function warning(what: string, message: string): PlannedEvent {
  return { type: 'Warning', reason: `DeploymentRollback${what}`, message }
}

function giveUp(deployment: Deployment, event: PlannedEvent): readonly DeploymentAction[] {
  return [
    { type: 'event', event },
    { type: 'updateDeployment', deployment: withoutRequest(deployment) },
  ]
}

function withoutRequest(deployment: Deployment): Deployment {
  const { [rollbackToAnnotation]: _, ...annotations } = deployment.metadata.annotations ?? {}
  return { ...deployment, metadata: { ...deployment.metadata, annotations } }
}
