import { templatesEqual } from '../api/equality.ts'
import type { Deployment, ReplicaSet } from '../api/generated/types.ts'
import { podTemplateHashLabel } from '../api/names.ts'
import { byCreation } from './order.ts'
import { ownerReferenceTo } from './owner-reference.ts'
import { copiedAnnotations, sizeAnnotations, withAnnotations } from './replica-set-annotations.ts'
import { nextRevision, withRevision } from './revisions.ts'
import { specOf } from './sizes.ts'
import { templateHash, withHashLabel } from './template-hash.ts'

/** Whether a ReplicaSet runs the Deployment's template, the hash label aside. */
export function hasTemplateOf(deployment: Deployment, replicaSet: ReplicaSet): boolean {
  const own = replicaSet.spec?.template
  return own !== undefined && templatesEqual(specOf(deployment).template, own)
}

/** The oldest with the Deployment's template (B-10): equality decides, not the hash. */
export function findNewReplicaSet(
  deployment: Deployment,
  owned: readonly ReplicaSet[],
): ReplicaSet | undefined {
  return [...owned].sort(byCreation).find((candidate) => hasTemplateOf(deployment, candidate))
}

/**
 * The new ReplicaSet to create, of size 0 (B-12): what it may begin with depends on the strategy
 * (B-13).
 */
export function desiredNewReplicaSet(
  deployment: Deployment,
  oldReplicaSets: readonly ReplicaSet[],
): ReplicaSet {
  const { template, selector, minReadySeconds } = specOf(deployment)
  const hash = templateHash(template, deployment.status?.collisionCount)
  const labelled = withHashLabel(template, hash)
  const replicaSet: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels: labelled.metadata?.labels,
      ownerReferences: [ownerReferenceTo(deployment)],
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: {
        ...selector,
        matchLabels: { ...selector.matchLabels, [podTemplateHashLabel]: hash },
      },
      template: labelled,
    },
  }
  return annotatedNewReplicaSet(deployment, replicaSet, {
    oldReplicaSets,
    annotations: sizeAnnotations(deployment),
  })
}

/**
 * An existing new ReplicaSet as it should be: revision, copied annotations, minReadySeconds (B-18,
 * B-21, B-26).
 */
export function syncedNewReplicaSet(
  deployment: Deployment,
  newReplicaSet: ReplicaSet,
  oldReplicaSets: readonly ReplicaSet[],
): ReplicaSet {
  const annotated = annotatedNewReplicaSet(deployment, newReplicaSet, { oldReplicaSets })
  const minReadySeconds = specOf(deployment).minReadySeconds ?? 0
  const { spec } = annotated
  if (!spec || (spec.minReadySeconds ?? 0) === minReadySeconds) return annotated
  return { ...annotated, spec: { ...spec, minReadySeconds } }
}

function annotatedNewReplicaSet(
  deployment: Deployment,
  replicaSet: ReplicaSet,
  from: {
    readonly oldReplicaSets: readonly ReplicaSet[]
    readonly annotations?: { readonly [key: string]: string }
  },
): ReplicaSet {
  const copied = copiedAnnotations(deployment.metadata.annotations)
  const own = { ...replicaSet.metadata.annotations, ...copied, ...from.annotations }
  return withAnnotations(replicaSet, withRevision(own, nextRevision(from.oldReplicaSets)))
}
