import { findCondition } from '../../api/condition.ts'
import type { Deployment, Pod, ReplicaSet } from '../../api/generated/types.ts'
import { podTemplateHashLabel, revisionHistoryAnnotation } from '../../api/names.ts'
import { controllerRef } from '../../api/object.ts'
import { pods, replicaSets } from '../../api/scheme.ts'
import type { Transport } from '../../api/transport.ts'
import { findNewReplicaSet } from '../../rollout/new-replica-set.ts'
import { observeDeployment } from '../../rollout/observed-deployment.ts'
import { revisionOf } from '../../rollout/revisions.ts'
import { reportRollout } from '../../rollout/rollout-status.ts'
import { withoutHashLabel } from '../../rollout/template-hash.ts'
import type { KeptRevision, WorkloadRules } from './workload-rules.ts'

/** A Deployment keeps its templates in ReplicaSets, which see to the pods (B-06). */
export const deploymentRules: WorkloadRules<Deployment> = {
  async observe(transport, deployment) {
    const { namespace, uid } = deployment.metadata
    const { items } = await transport.list(replicaSets, { namespace })
    const owned = items.filter((each) => controllerRef(each)?.uid === uid)
    const newReplicaSet = findNewReplicaSet(deployment, owned)
    const revisions = observeDeployment(deployment, owned).replicaSets.map(keptReplicaSet)
    return {
      revisions,
      running: revisions.find(({ object }) => object === newReplicaSet),
      pods: newReplicaSet ? await podsOf(transport, newReplicaSet) : [],
      outdatedPods: [],
    }
  },
  size: ({ spec }) => spec?.replicas ?? 0,
  stage(deployment, { running }) {
    const { metadata, status } = deployment
    if ((metadata.generation ?? 0) > (status?.observedGeneration ?? 0)) return { stage: 'unseen' }
    if (reportRollout(deployment).outcome === 'done') return { stage: 'done' }
    const { reason, message } = findCondition(status?.conditions, 'Progressing') ?? {}
    const name = running?.object.metadata.name
    // The condition of a rollout before this one may still stand.
    const isOfThis = name !== undefined && message?.includes(`"${name}"`) === true
    return reason === 'ProgressDeadlineExceeded' && isOfThis
      ? { stage: 'failed', why: message ?? reason }
      : { stage: 'rolling' }
  },
  isPaused: ({ spec }) => spec?.paused === true,
  undoBringsAnnotations: true,
  fixedFields: ['selector'],
  brake: () => undefined,
  podsInTheWay: () => [],
  podsThatWouldBlock: () => [],
}

export function keptReplicaSet(replicaSet: ReplicaSet): KeptRevision {
  return {
    number: revisionOf(replicaSet),
    template: withoutHashLabel(replicaSet.spec?.template ?? {}),
    object: replicaSet,
    isReused: replicaSet.metadata.annotations?.[revisionHistoryAnnotation] !== undefined,
  }
}

async function podsOf(transport: Transport, replicaSet: ReplicaSet): Promise<readonly Pod[]> {
  const { namespace, labels, uid } = replicaSet.metadata
  const hash = labels?.[podTemplateHashLabel]
  const options = hash === undefined ? {} : { labelSelector: `${podTemplateHashLabel}=${hash}` }
  const { items } = await transport.list(pods, { namespace }, options)
  return items.filter((pod) => controllerRef(pod)?.uid === uid)
}
